"""Step `wiring`: what register.sh gathers of the cables, whatever the programs do."""

from pathlib import Path

import pytest

from tests.boot_scripts.machine import Machine
from tests.boot_scripts.shells import under_two_shells

LLDP = '{"lldp":{"interface":[{"eth0":{"via":"LLDP"}}]}}\n'
ETHTOOL = """#!/bin/sh
. "$STANDINS/recorder.sh"
case $1 in
    -m) printf 'Laser output power : 0.51 mW\\n' ;;
    -i) printf 'driver: mlx5_core\\n' ;;
    *) printf 'Settings for %s:\\n\\tSpeed: 25000Mb/s\\n' "$1" ;;
esac
"""


def becomes(machine: Machine, program: str, text: str) -> None:
    """Put another stand-in in the place of one."""
    path = machine.bin / program
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def link(machine: Machine, interface: str, *, flags: str = "0x1003", carrier: str = "") -> None:
    """Set what the kernel says of an interface."""
    folder = machine.root / "sys/class/net" / interface
    (folder / "flags").write_text(f"{flags}\n")
    (folder / "carrier").write_text(f"{carrier}\n")


def sent(machine: Machine) -> dict[str, bytes]:
    """What came with check-wiring, by file."""
    folder = machine.state / "sent-links"
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def waits(machine: Machine) -> int:
    """How often the script waited three seconds for the switches."""
    return machine.calls("sleep").count("3")


def test_bearman_gets_what_the_programs_say_of_the_cables(machine: Machine) -> None:
    becomes(machine, "ethtool", ETHTOOL)
    (machine.state / "lldpcli.prints").write_text(LLDP)
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True), ended.console
    assert (machine.state / "sent-lldp").read_text() == LLDP
    assert (machine.state / "sent-ip-link").read_text() == "what ip prints\n"
    assert sent(machine) == {
        "eth0/module": b"Laser output power : 0.51 mW\n",
        "eth0/module_error": b"",
        "eth0/settings": b"Settings for eth0:\n\tSpeed: 25000Mb/s\n",
        "eth1/module": b"Laser output power : 0.51 mW\n",
        "eth1/module_error": b"",
        "eth1/settings": b"Settings for eth1:\n\tSpeed: 25000Mb/s\n",
    }
    assert "-f json show neighbors details" in machine.calls("lldpcli")


def test_programs_that_fail_or_are_not_there_are_for_bearman_to_judge(machine: Machine) -> None:
    machine.breaks("ethtool", "netlink error: No such device")
    becomes(machine, "lldpcli", "#!/nowhere/sh\n")
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True), ended.console
    assert (machine.state / "sent-lldp").read_bytes() == b""
    assert sent(machine)["eth0/module"] == b""
    assert sent(machine)["eth0/module_error"] == b"netlink error: No such device\n"


def test_what_was_printed_before_a_failure_is_sent(machine: Machine) -> None:
    """Without some rights ethtool prints the speed, and then ends with an error."""
    becomes(machine, "ethtool", '#!/bin/sh\necho "Speed: 100Mb/s"; echo "no WoL" >&2; exit 71\n')
    assert machine.run("register.sh").code == 0
    assert sent(machine)["eth0/settings"] == b"Speed: 100Mb/s\n"


@pytest.mark.parametrize("program", ["lldpcli", "ethtool"])
def test_an_output_without_end_is_cut(machine: Machine, program: str) -> None:
    becomes(machine, program, "#!/bin/sh\nexec cat /dev/zero\n")
    assert machine.run("register.sh").code == 0
    assert (machine.state / "sent-lldp").stat().st_size <= 512 * 1024
    assert {name: len(data) for name, data in sent(machine).items() if "settings" in name} == (
        {"eth0/settings": 16384, "eth1/settings": 16384}
        if program == "ethtool"
        else {"eth0/settings": 20, "eth1/settings": 20}
    )
    assert sent(machine)["eth0/module_error"] == b""


def test_a_program_that_hangs_and_shrugs_at_signals_is_killed(machine: Machine) -> None:
    becomes(machine, "lldpcli", '#!/bin/sh\ntrap "" TERM\necho half; /bin/sleep 300\n')
    machine.shorten_timeouts()
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True), ended.console
    assert (machine.state / "sent-lldp").read_text() == "half\n"


def test_the_outputs_are_in_the_language_of_programs(machine: Machine) -> None:
    machine.environment |= {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"}
    becomes(machine, "lldpcli", '#!/bin/sh\necho "$LC_ALL"\n')
    assert machine.run("register.sh").code == 0
    assert (machine.state / "sent-lldp").read_text() == "C\n"


def test_hostile_words_of_a_switch_reach_no_shell(machine: Machine) -> None:
    evil = '"$(touch x)`touch x`;touch x\x1b[2J\x00\n' * 40
    (machine.state / "lldpcli.prints").write_text(evil)
    ended = machine.run("register.sh")
    assert ended.code == 0
    assert (machine.state / "sent-lldp").read_text() == evil
    assert "\x1b" not in ended.console
    assert not list(machine.root.rglob("x"))


def test_the_switches_are_waited_for_no_longer_than_they_need(machine: Machine) -> None:
    """The link has carrier at once; the neighbour is there at the third look."""
    link(machine, "eth0", carrier="1")
    (machine.state / "whole").write_text(LLDP)
    becomes(
        machine,
        "lldpcli",
        '#!/bin/sh\n. "$STANDINS/recorder.sh"\n'
        '[ "$(grep -c ^lldpcli "$STANDIN_STATE/argv")" -lt 3 ] || cat "$STANDIN_STATE/whole"\n',
    )
    machine.run("register.sh")
    assert waits(machine) == 2
    assert (machine.state / "sent-lldp").read_text() == LLDP


def test_a_switch_without_lldp_is_not_waited_for_for_ever(machine: Machine) -> None:
    link(machine, "eth0", carrier="1")
    machine.environment["BEARMAN_LLDP_SECONDS"] = "9"
    assert machine.run("register.sh").code == 0
    assert waits(machine) == 3


def test_links_that_are_down_have_no_neighbour_to_wait_for(machine: Machine) -> None:
    link(machine, "eth0")
    link(machine, "eth1")
    machine.run("register.sh")
    assert waits(machine) == 0


def test_links_that_are_switched_off_are_switched_on_and_given_time(machine: Machine) -> None:
    link(machine, "eth0", flags="0x1003", carrier="1")
    link(machine, "eth1", flags="0x1002")
    (machine.state / "lldpcli.prints").write_text(LLDP)
    machine.run("register.sh")
    assert [call for call in machine.calls("ip") if "set" in call] == ["link set dev eth1 up"]
    assert waits(machine) == 4, "12 s for a carrier that never comes"


def test_a_rehearsal_switches_no_link_of_this_machine(machine: Machine, tmp_path: Path) -> None:
    link(machine, "eth1", flags="0x1002")
    (machine.bin / "ip").unlink()
    ended = machine.run("register.sh")
    assert "switching eth1 on" not in ended.console


@under_two_shells
def test_cables_that_bearman_does_not_let_pass_leave_the_machine_lit(machine: Machine) -> None:
    words = {
        "says": "eth0 is on leaf-r1b port 7, and should be on leaf-r1a port 7.",
        "advice": "Move the cable of eth0 to leaf-r1a port 7.",
        "issue": "WIRE-002",
    }
    machine.bearman_answers("check-wiring", 12, **words)
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (12, False)
    (report,) = machine.reports("failed")
    assert (report["step"], report["message"]) == ("wiring", words["says"])
    assert (report["advice"], report["issue"]) == (words["advice"], "WIRE-002")
    assert machine.bmc_calls == [], "nothing is promised to a machine with wrong cables"
    assert "Try again" in ended.console
    assert "register.sh --from wiring\n" in ended.console


def test_after_the_cable_was_moved_the_registration_goes_on(machine: Machine) -> None:
    machine.bearman_answers("check-wiring", 12, says="Wrong port.", issue="WIRE-003")
    machine.run("register.sh")
    ended = machine.run("register.sh", "--from", "wiring")
    assert (ended.code, machine.is_off) == (0, True), ended.console
    assert len(machine.calls("bearman-cli")) == 5, "register is not called a second time"


def test_a_bearman_that_is_away_is_waited_for(machine: Machine) -> None:
    machine.bearman_answers("check-wiring", 3, 3, says="127.0.0.1:50051 is not available.")
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True)
    assert "waiting for Bearman (127.0.0.1:50051 is not available.)" in ended.console


@pytest.mark.parametrize("value", ["-1", "1000", "x", "1 2", ""])
def test_a_waiting_time_that_is_none_is_said(machine: Machine, value: str) -> None:
    machine.environment["BEARMAN_LLDP_SECONDS"] = value
    ended = machine.run("register.sh")
    assert ended.code == (0 if value == "" else 2)
