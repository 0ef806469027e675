"""A step of register.sh that fails: what the screen shows, and what Bearman is told."""

import re
import subprocess

import pytest

from bearman.lib.issues import CATALOGUE
from tests.boot_scripts.machine import BOOT_SCRIPTS, UUID, Machine
from tests.boot_scripts.web import Answer, Web

RULE = "=" * 78
SCREEN = f"""{RULE}
  ####  ##  ### #    #### ###     ###  #   #  ###      ##   ##  ###
  #    #  #  #  #    #    #  #    #  # ## ## #        #  # #  #    #
  ###  ####  #  #    ###  #  #    ###  # # # #    ### #  # #  #  ##
  #    #  #  #  #    #    #  #    #  # #   # #        #  # #  # #
  #    #  # ### #### #### ###     ###  #   #  ###      ##   ##  ####
{RULE}
  BEARMAN: THIS MACHINE NEEDS A LOOK. IT STAYS ON.
  Machine       Supermicro SYS-1029P-WTR, serial A263141X8A03210
  Node          17, UUID {UUID}
  Step          confirm, code BMC-002
  Reason        10.9.0.21 refused the password.
  What to do    Set the user and the password on the BMC again: boot the
                machine to stage one, or use ipmitool on it.
  Log in        ssh root@127.0.0.1
  Try again     SELF --from confirm
  Log           RUN/log/confirm.log
{RULE}
"""
REFUSED = {
    "says": "10.9.0.21 refused the password.",
    "advice": "Set the user and the password on the BMC again: boot the machine to stage one, or "
    "use ipmitool on it.",
    "issue": "BMC-002",
}
LINES, COLUMNS = 25, 80  # of a text console


def without_colours(text: str) -> str:
    """The screen as letters: blocks as #, and no escape sequences of ECMA-48."""
    blocks = re.sub(r"\x1b\[47m( +)\x1b\[41m", lambda found: "#" * len(found[1]), text)
    return re.sub(r"\x1b\[[0-9;]*m", "", blocks)


def test_the_screen_says_what_a_person_at_the_rack_needs(machine: Machine) -> None:
    machine.bearman_answers("bmc-configured", 8, **REFUSED)
    ended = machine.run("register.sh")
    again = next(line for line in ended.console.splitlines() if "Try again" in line)
    self = again.split()[2]
    screen = SCREEN.replace("RUN", str(machine.run_folder)).replace("SELF", self)
    assert self.endswith("/boot_scripts/register.sh")
    assert ended.console.endswith(f"{screen}bearman: Bearman has been told\n")


def test_the_login_prompts_have_the_screen_in_colours(machine: Machine) -> None:
    machine.bearman_answers("bmc-configured", 8, **REFUSED)
    ended = machine.run("register.sh")
    shown = (machine.root / "run/issue.d/bearman.issue").read_text()
    lines = [line.rstrip() for line in without_colours(shown).splitlines()]
    plain = (machine.run_folder / "screen").read_text()
    assert [line for line in lines if line] == [
        line for line in plain.splitlines() if line != RULE
    ] + [RULE]
    assert "\x1b[1;37;41m" in shown
    assert "\x1b[1mWhat to do    \x1b[0mSet the user" in shown
    assert "\x1b" not in ended.console, "the console is no terminal here, and logs want no colours"


def test_a_console_that_is_a_terminal_gets_the_colours(machine: Machine) -> None:
    machine.bearman_answers("bmc-configured", 8, **REFUSED)
    code, shown = machine.run_at_terminal("register.sh")
    assert code == 8
    assert "\x1b[1;37;41m" in shown
    assert " ".join(REFUSED["says"].split()) in without_colours(shown)


def test_the_longest_words_leave_the_screen_on_one_console(machine: Machine) -> None:
    (machine.root / "sys/class/dmi/id/product_name").write_text("W" * 70)
    machine.bearman_answers(
        "check-wiring",
        12,
        says="a reason that goes on and on " * 40,
        advice="do this and then that " * 60,
        issue="WIRE-022",
    )
    machine.run("register.sh")
    lines = (machine.run_folder / "screen").read_text().splitlines()
    assert len(lines) < LINES
    # The rehearsal's folder has a longer name than /run.
    lines = [line.replace(str(machine.root), "") for line in lines]
    assert all(len(line) <= COLUMNS for line in lines if not line.startswith("  Try again"))
    assert "... the rest is in /run/bearman/reason" in " ".join(lines)
    assert len((machine.run_folder / "reason").read_text()) == 901


def test_every_code_fits_the_console_in_block_letters(shell: list[str]) -> None:
    script = f'. "{BOOT_SCRIPTS}/screen.sh"; for code; do block_letters "FAILED $code"; done'
    words = [*shell, "-c", script, "sh", *sorted(CATALOGUE)]
    rows = subprocess.run(words, capture_output=True, check=True, text=True).stdout.splitlines()
    assert len(rows) == 5 * len(CATALOGUE)
    assert max(map(len, rows)) < COLUMNS
    assert all("#" in row[33:] for row in rows), "a letter is missing"


@pytest.mark.parametrize(
    ("step", "verb"), [("register", "register"), ("wiring", "check-wiring"), ("confirm", "")]
)
def test_a_machine_that_failed_lights_up(machine: Machine, step: str, verb: str) -> None:
    machine.bearman_answers(verb or "bmc-configured", 6, says="No.")
    machine.run("register.sh")
    (report,) = machine.reports("failed")
    assert (report["step"], report["light"]) == (step, "on")
    assert machine.light == "force"


def test_the_light_goes_off_when_the_registration_goes_well(machine: Machine) -> None:
    machine.bearman_answers("check-wiring", 12, says="No.", issue="WIRE-001")
    machine.run("register.sh")
    assert machine.light == "force"
    assert machine.run("register.sh", "--from", "wiring").code == 0
    assert (machine.light, machine.is_off) == ("0", True)


def test_a_bmc_that_hangs_or_is_not_there_delays_no_report(machine: Machine) -> None:
    program = machine.bin / "ipmitool"
    program.unlink()
    program.write_text('#!/bin/sh\ntrap "" TERM\n/bin/sleep 300 & wait\n')
    program.chmod(0o755)
    machine.shorten_timeouts()
    machine.breaks("dmidecode", "broken")
    assert machine.run("register.sh").code == 1
    assert machine.reports("failed")[0]["step"] == "inventory"


def test_the_report_has_the_code_and_the_advice(machine: Machine) -> None:
    machine.bearman_answers("bmc-configured", 8, **REFUSED)
    machine.run("register.sh")
    (report,) = machine.reports("failed")
    assert (report["issue"], report["advice"]) == ("BMC-002", REFUSED["advice"])
    assert report["message"] == REFUSED["says"]


@pytest.mark.issue("REG-005")
@pytest.mark.parametrize("program", ["dmidecode", "lsblk", "ip"])
def test_an_inventory_program_that_fails_ends_the_step(machine: Machine, program: str) -> None:
    machine.breaks(program, "/dev/mem: Operation not permitted")
    ended = machine.run("register.sh")
    assert ended.code == 1
    (report,) = machine.reports("failed")
    assert (report["step"], report["address"]) == ("inventory", "127.0.0.1")
    assert report["issue"] == "REG-005"
    assert report["message"] == f"{program} ended with code 5: /dev/mem: Operation not permitted"
    assert report["message"] in report["log_tail"]
    assert not (machine.state / "sent-dmidecode").exists(), "half an inventory was sent"
    assert not machine.is_off


@pytest.mark.issue("REG-003")
@pytest.mark.parametrize("program", ["dmidecode", "lsblk", "ip"])
def test_an_inventory_program_that_hangs_is_named(machine: Machine, program: str) -> None:
    (machine.bin / program).unlink()
    (machine.bin / program).write_text("#!/bin/sh\nexec /bin/sleep 300\n")
    (machine.bin / program).chmod(0o755)
    machine.shorten_timeouts()
    assert machine.run("register.sh").code == 1
    (report,) = machine.reports("failed")
    assert report["message"] == f"{program} did not end within a minute"
    assert (report["step"], report["issue"]) == ("inventory", "REG-003")


def test_a_driver_that_does_not_answer_ethtool_is_left_out(machine: Machine) -> None:
    machine.breaks("ethtool", "Cannot get driver information: Operation not supported")
    assert machine.run("register.sh").code == 0
    assert list((machine.state / "sent-ethtool").iterdir()) == []


@pytest.mark.issue("REG-003")
def test_an_inventory_program_that_hangs_ends_the_step(machine: Machine) -> None:
    (machine.bin / "lsblk").unlink()
    (machine.bin / "lsblk").write_text("#!/bin/sh\nexec /bin/sleep 50\n")
    (machine.bin / "lsblk").chmod(0o755)
    machine.shorten_timeouts()
    assert machine.run("register.sh").code == 1
    (report,) = machine.reports("failed")
    assert (report["step"], report["issue"]) == ("inventory", "REG-003")
    assert report["message"] == "lsblk did not end within a minute"


@pytest.mark.issue("REG-004")
@pytest.mark.parametrize("program", ["dmidecode", "lsblk", "ip"])
def test_an_output_without_end_is_cut_off_and_named(machine: Machine, program: str) -> None:
    (machine.bin / program).unlink()
    (machine.bin / program).write_text("#!/bin/sh\nexec cat /dev/zero\n")
    (machine.bin / program).chmod(0o755)
    ended = machine.run("register.sh")
    assert ended.code == 1
    assert machine.reports("failed")[0]["issue"] == "REG-004"
    assert f"Reason        {program} printed more than 1048576 bytes\n" in ended.console
    kept = [path.stat().st_size for path in (machine.run_folder / "inventory").iterdir()]
    assert max(kept) <= 1048576


def test_an_interface_with_a_name_from_hell_is_left_out(machine: Machine) -> None:
    for name in ("-i", "$(touch x)", "a b", ";reboot", "sixteen-bytes-xx"):
        (machine.root / "sys/class/net" / name / "device").mkdir(parents=True)
    assert machine.run("register.sh").code == 0
    asked = {call.rpartition(" ")[2] for call in machine.calls("ethtool")}
    assert asked == {"eth0", "eth1"}


@pytest.mark.issue("BOOT-001")
def test_a_network_that_does_not_come_ends_with_3_and_names_the_links(
    machine: Machine, web: Web
) -> None:
    web.stop()
    machine.environment["BEARMAN_PATIENCE"] = "0"
    ended = machine.run("register.sh")
    assert ended.code == 3
    assert "  Step          network, code BOOT-001\n" in ended.console
    screen = " ".join(ended.console.split())
    assert "links up: eth0." in screen
    assert "at this console; it has no address towards Bearman yet" in screen
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


@pytest.mark.issue("BOOT-002", "BOOT-010")
@pytest.mark.parametrize(
    ("code", "reason", "told", "issue"),
    [
        (1, "This should not have happened: KeyError: 'x'.", "", "BOOT-010"),
        (4, "The boot token has ended.", "", "BOOT-002"),
        (4, "dmidecode says another UUID.", "ID-004", "ID-004"),
        (6, "The inventory is larger than 2 MiB.", "REG-007", "REG-007"),
        (9, "Pool ipmi-a has no free address.", "ADDR-003", "ADDR-003"),
        (6, "A server from hell.", "$(touch x)", "BOOT-010"),
    ],
)
def test_a_registration_that_bearman_refuses_ends_with_its_code_and_reason(
    machine: Machine, code: int, reason: str, told: str, issue: str
) -> None:
    machine.bearman_answers("register", code, says=reason, issue=told)
    ended = machine.run("register.sh")
    assert ended.code == code
    (report,) = machine.reports("failed")
    assert (report["step"], report["message"], report["issue"]) == ("register", reason, issue)
    assert machine.bmc_calls == []
    assert not machine.is_off


def test_a_quarantined_machine_stays_lit_with_reason_and_advice_and_its_bmc_untouched(
    machine: Machine,
) -> None:
    machine.bearman_answers("register", 7, says="Node 17 is quarantined: ...")
    machine.bearman_gives(
        status="QUARANTINED\n",
        reason="Its UUID belongs to node 3.\n",
        advice="Give one of the two another UUID.\n",
        issue="ID-003\n",
    )
    ended = machine.run("register.sh")
    assert ended.code == 7
    assert "This machine is quarantined: Its UUID belongs to node 3.\n" in ended.console
    assert "What to do    Give one of the two another UUID.\n" in ended.console
    assert "Step          register, code ID-003\n" in ended.console
    assert machine.light == "force"
    assert machine.bmc_calls == []
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
