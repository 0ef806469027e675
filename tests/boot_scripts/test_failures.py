"""A step of register.sh that fails: what the screen shows, and what Bearman is told."""

import pytest

from tests.boot_scripts.machine import UUID, Machine
from tests.boot_scripts.web import Answer, Web

SCREEN = f"""
==============================================================================
  BEARMAN: THIS MACHINE NEEDS A LOOK. IT STAYS ON.

  Machine       Supermicro SYS-1029P-WTR, serial A263141X8A03210
  UUID          {UUID}
  Step          confirm
  Reason        10.9.0.21 did not answer on UDP port 623 within 60 s.
  What to do    Look at the cable of the BMC's own port, its switch port and
                its VLAN, and try again.
  Log in        ssh root@127.0.0.1
  Log           RUN/log/confirm.log
  Try again     SELF --from confirm
==============================================================================

"""


def test_the_screen_says_what_a_person_with_a_keyboard_needs(machine: Machine) -> None:
    reason = "10.9.0.21 did not answer on UDP port 623 within 60 s."
    machine.bearman_answers("bmc-configured", 8, says=reason)
    ended = machine.run("register.sh")
    again = next(line for line in ended.console.splitlines() if "Try again" in line)
    self = again.split()[2]
    screen = SCREEN.replace("RUN", str(machine.run_folder)).replace("SELF", self)
    assert self.endswith("/boot_scripts/register.sh")
    assert ended.console.endswith(f"{screen}bearman: Bearman has been told\n")
    assert (machine.root / "run/issue.d/bearman.issue").read_text() == screen


@pytest.mark.parametrize("program", ["dmidecode", "lsblk", "ip"])
def test_an_inventory_program_that_fails_ends_the_step(machine: Machine, program: str) -> None:
    machine.breaks(program, "/dev/mem: Operation not permitted")
    ended = machine.run("register.sh")
    assert ended.code == 1
    (report,) = machine.reports("failed")
    assert (report["step"], report["address"]) == ("inventory", "127.0.0.1")
    assert report["message"] == f"{program} ended with code 5: /dev/mem: Operation not permitted"
    assert report["message"] in report["log_tail"]
    assert not (machine.state / "sent-dmidecode").exists(), "half an inventory was sent"
    assert not machine.is_off


def test_a_driver_that_does_not_answer_ethtool_is_left_out(machine: Machine) -> None:
    machine.breaks("ethtool", "Cannot get driver information: Operation not supported")
    assert machine.run("register.sh").code == 0
    assert list((machine.state / "sent-ethtool").iterdir()) == []


@pytest.mark.parametrize("program", ["dmidecode", "lsblk", "ip"])
def test_an_output_without_end_is_cut_off_and_named(machine: Machine, program: str) -> None:
    (machine.bin / program).unlink()
    (machine.bin / program).write_text("#!/bin/sh\nexec cat /dev/zero\n")
    (machine.bin / program).chmod(0o755)
    ended = machine.run("register.sh")
    assert ended.code == 1
    assert f"Reason        {program} printed more than 1048576 bytes\n" in ended.console
    kept = [path.stat().st_size for path in (machine.run_folder / "inventory").iterdir()]
    assert max(kept) <= 1048576


def test_an_interface_with_a_name_from_hell_is_left_out(machine: Machine) -> None:
    for name in ("-i", "$(touch x)", "a b", ";reboot", "sixteen-bytes-xx"):
        (machine.root / "sys/class/net" / name / "device").mkdir(parents=True)
    assert machine.run("register.sh").code == 0
    assert machine.calls("ethtool") == ["-i eth0", "-i eth1"]


def test_a_network_that_does_not_come_ends_with_3_and_names_the_links(
    machine: Machine, web: Web
) -> None:
    web.stop()
    machine.environment["BEARMAN_PATIENCE"] = "0"
    ended = machine.run("register.sh")
    assert ended.code == 3
    assert "  Step          network\n" in ended.console
    screen = " ".join(ended.console.split())
    assert "links up: eth0." in screen
    assert "at this console; the machine has no address towards Bearman yet" in screen
    assert machine.calls("dmidecode") == []


def test_something_else_at_bearmans_address_is_not_taken_for_it(machine: Machine, web: Web) -> None:
    web.answers["/healthz"] = Answer(b"welcome to nginx", status=404)
    ended = machine.run("register.sh")
    assert ended.code == 6
    assert "/healthz answered 404: welcome to nginx" in " ".join(ended.console.split())


def test_a_grpc_server_that_is_away_is_waited_for(machine: Machine) -> None:
    machine.bearman_answers("register", 3, 3, says="127.0.0.1:50051 is not available.")
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True)
    assert "waiting for Bearman (127.0.0.1:50051 is not available.); next try in" in ended.console


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1, "This should not have happened: KeyError: 'x'."),
        (4, "The boot token has ended."),
        (6, "The inventory is larger than 2 MiB."),
        (9, "Pool ipmi-a has no free address."),
    ],
)
def test_a_registration_that_bearman_refuses_ends_with_its_code_and_reason(
    machine: Machine, code: int, reason: str
) -> None:
    machine.bearman_answers("register", code, says=reason)
    ended = machine.run("register.sh")
    assert ended.code == code
    (report,) = machine.reports("failed")
    assert (report["step"], report["message"]) == ("register", reason)
    assert machine.calls("ipmitool") == []
    assert not machine.is_off


def test_a_quarantined_machine_stays_lit_with_reason_and_advice_and_its_bmc_untouched(
    machine: Machine,
) -> None:
    machine.bearman_answers("register", 7, says="Node 17 is quarantined: ...")
    machine.bearman_gives(
        status="QUARANTINED\n",
        reason="Its UUID belongs to node 3.\n",
        advice="Give one of the two another UUID.\n",
    )
    ended = machine.run("register.sh")
    assert ended.code == 7
    assert "This machine is quarantined: Its UUID belongs to node 3.\n" in ended.console
    assert "What to do    Give one of the two another UUID.\n" in ended.console
    assert machine.calls("ipmitool") == []
    # Bearman's own reason must stay the last word on the node.
    assert machine.reports("failed") == []
    assert not machine.is_off


def test_a_machine_that_is_not_proven_stays_lit(machine: Machine) -> None:
    machine.bearman_answers("bmc-configured", 8, says="10.9.0.21 refused the password.")
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (8, False)
    (report,) = machine.reports("failed")
    assert (report["step"], report["message"]) == ("confirm", "10.9.0.21 refused the password.")
    assert machine.calls("poweroff") == []


def test_a_poweroff_that_fails_is_told(machine: Machine) -> None:
    machine.breaks("poweroff", "Failed to connect to bus")
    ended = machine.run("register.sh")
    assert ended.code == 5
    (report,) = machine.reports("failed")
    assert report["step"] == "power_off"
    assert report["message"] == "it ended with code 5: Failed to connect to bus"


def test_hostile_words_reach_neither_the_screen_nor_a_shell(machine: Machine) -> None:
    evil = "\x1b[2J$(touch x) `touch x` ; touch x\t\\d \x07%s%n\x9b"
    machine.breaks("lsblk", evil)
    (machine.root / "sys/class/dmi/id/product_name").write_text(evil)
    ended = machine.run("register.sh")
    assert ended.code == 1
    assert not set(ended.console) & {"\x1b", "\x07", "\x9b", "\t"}
    assert not list(machine.root.rglob("x"))
    assert "[2J$(touch x) `touch x` ; touch x \\d %s%n" in machine.reports("failed")[0]["message"]


@pytest.mark.parametrize("program", ["ipmitool", "poweroff"])
def test_a_rehearsal_never_reaches_for_the_machines_own_programs(
    machine: Machine, program: str
) -> None:
    """With a stand-in missing, PATH leads to the real one of the machine that runs the tests."""
    (machine.bin / program).unlink()
    ended = machine.run("register.sh")
    assert ended.code == 2
    assert f"PATH has no stand-in for {program}" in ended.console
