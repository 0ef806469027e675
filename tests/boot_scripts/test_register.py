"""register.sh from the first step to the last, and again."""

import os
import signal
import time

import pytest

from tests.boot_scripts.machine import BOOT_SCRIPTS, PASSWORD, UUID, Machine
from tests.boot_scripts.web import Answer, Web

STEPS = ["network", "inventory", "register", "wiring", "firmware", "bmc", "confirm", "power_off"]
VERBS = {
    "register": "register",
    "wiring": "check-wiring",
    "firmware": "firmware-plan",
    "confirm": "bmc-configured",
}


def test_a_new_machine_is_registered_and_goes_dark(machine: Machine) -> None:
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True), ended.console
    assert machine.bmc("lan.source") == "Static Address"
    assert machine.bmc("lan.address") == "10.9.0.21"
    assert machine.bmc("lan.netmask") == "255.255.240.0"
    assert machine.bmc("lan.gateway") == "10.9.0.1"
    assert machine.bmc("lan.vlan") == "140"
    assert machine.bmc("lan.access") == "always available"
    assert machine.bmc("user.3.name") == "bearman"
    assert machine.bmc("user.3.password") == PASSWORD
    assert machine.bmc("user.3.priv") == "ADMINISTRATOR"
    assert machine.bmc("user.3.enabled") == "true"


def test_the_inventory_is_sent_as_the_programs_printed_it(machine: Machine) -> None:
    machine.run("register.sh")
    for name in ("dmidecode", "lsblk"):
        assert (machine.state / f"sent-{name}").read_text() == f"what {name} prints\n"
    assert (machine.state / "sent-ip-link").read_text() == "what ip prints\n"
    assert sorted(path.name for path in (machine.state / "sent-ethtool").iterdir()) == [
        "eth0",
        "eth1",
    ]
    assert "--json --bytes --output-all" in machine.calls("lsblk")
    assert "-json -details link" in machine.calls("ip")
    drivers = [call for call in machine.calls("ethtool") if call.startswith("-i")]
    assert drivers[:2] == ["-i eth0", "-i eth1"]


def test_each_step_tells_bearman_that_it_begins(machine: Machine) -> None:
    machine.run("register.sh")
    assert [report["step"] for report in machine.reports("progress")] == STEPS[3:]
    assert {report["address"] for report in machine.reports("progress")} == {"127.0.0.1"}


def test_a_lost_progress_report_is_noted_and_does_no_harm(machine: Machine, web: Web) -> None:
    web.answers[f"/report/{UUID}"] = Answer(b"Not that one.", status=409)
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True)
    assert ended.console.count("answered 409: Not that one.\n") == 5


def test_a_bmc_that_is_as_it_should_be_is_only_given_its_password(machine: Machine) -> None:
    machine.run("register.sh")
    calls_before = len(machine.bmc_calls)
    machine.restart()
    assert machine.run("register.sh").code == 0
    changes = [
        call
        for call in machine.bmc_calls[calls_before:]
        if " set" in call or "enable" in call or "exec" in call
    ]
    assert changes == ["exec /dev/stdin", "user enable 3", "exec /dev/stdin"]  # set, enable, test


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_step_can_be_gone_on_with_after_what_was_wrong_is_put_right(
    machine: Machine, step: str
) -> None:
    broken = {"inventory": "lsblk", "bmc": "ipmitool", "power_off": "poweroff"}.get(step, "")
    if broken:
        machine.breaks(broken, "out of order")
    else:
        machine.bearman_answers(VERBS[step], 6, says="Something is wrong.")
    first = machine.run("register.sh")
    assert first.code != 0
    assert not machine.is_off
    assert machine.reports("failed")[0]["step"] == step
    if broken:
        machine.repairs(broken)
    second = machine.run("register.sh", "--from", step)
    assert (second.code, machine.is_off) == (0, True), second.console
    shown = [line[14:] for line in second.console.splitlines() if line.startswith("bearman: step ")]
    assert shown == STEPS[STEPS.index(step) :]


def test_the_whole_script_can_be_run_again_after_a_failure(machine: Machine) -> None:
    machine.breaks("ipmitool", "out of order")
    assert machine.run("register.sh").code != 0
    machine.repairs("ipmitool")
    assert machine.run("register.sh").code == 0
    assert machine.is_off
    assert not (machine.root / "run/issue.d/bearman.issue").exists()


def test_a_step_that_has_not_been_reached_cannot_be_gone_on_with(machine: Machine) -> None:
    ended = machine.run("register.sh", "--from", "power_off")
    assert (ended.code, machine.is_off) == (2, False)
    assert "step network has not passed since this machine started" in ended.console


def test_going_back_to_a_step_undoes_that_later_ones_passed(machine: Machine) -> None:
    machine.breaks("poweroff", "out of order")
    machine.run("register.sh")
    machine.breaks("ipmitool", "out of order")
    machine.run("register.sh", "--from", "bmc")
    machine.repairs("poweroff")
    assert machine.run("register.sh", "--from", "power_off").code == 2
    assert not machine.is_off


@pytest.mark.parametrize("arguments", [["--from"], ["--form", "bmc"], ["bmc"], ["--from", "", "x"]])
def test_wrong_arguments_are_answered_with_the_usage(
    machine: Machine, arguments: list[str]
) -> None:
    ended = machine.run("register.sh", *arguments)
    assert (ended.code, ended.console) == (2, "usage: register.sh [--from STEP]\n")


def test_a_name_that_no_step_has_is_said_to_be_none(machine: Machine) -> None:
    machine.run("register.sh")
    (machine.state / "powered-off").unlink()
    (machine.run_folder / "passed").write_text("\n".join(STEPS) + "\n")
    ended = machine.run("register.sh", "--from", "coffee")
    assert (ended.code, machine.is_off) == (2, False)
    assert "there is no step called coffee" in ended.console


@pytest.mark.parametrize("place", ["lan set 1 ipaddr", "register", "bmc-configured"])
def test_a_killed_run_is_made_good_by_the_next(machine: Machine, place: str) -> None:
    """Kills the process group with SIGKILL at the moment the stand-in notes its call."""
    process = machine.start(BOOT_SCRIPTS / "register.sh")
    deadline = time.monotonic() + 30
    while not any(place in line for line in machine.argv):
        assert time.monotonic() < deadline, "the script never came this far"
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True), ended.console
    assert machine.bmc("lan.address") == "10.9.0.21"


def test_a_second_run_waits_for_the_step_that_a_killed_one_is_still_in(
    machine: Machine, web: Web
) -> None:
    """Only the script's first process is killed: the subshell of its step lives on."""
    web.stop()
    process = machine.start(BOOT_SCRIPTS / "register.sh")
    while not machine.calls("sleep"):
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    second = machine.start(BOOT_SCRIPTS / "register.sh")
    assert second.stdout
    said = second.stdout.readline()  # not before it waits may the step end
    web.start()
    second.communicate(timeout=30)
    process.communicate()
    assert said == b"bearman: waiting for the step that an earlier run is still in\n"
    assert machine.is_off
