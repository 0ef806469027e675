"""Step `firmware`: updates in their order, whatever their tools do."""

import fcntl
import hashlib
import os
import signal
import time

import pytest

from tests.boot_scripts.machine import BOOT_SCRIPTS, TOKEN, Machine
from tests.boot_scripts.shells import under_one_shell, under_two_shells
from tests.boot_scripts.updates import VENDOR, Updates, file_of
from tests.boot_scripts.web import Answer, Web


@pytest.fixture
def updates(machine: Machine, web: Web) -> Updates:
    """What Bearman plans for the machine; nothing yet."""
    return Updates(machine, web)


def test_a_machine_with_the_right_firmware_is_left_alone(
    machine: Machine, updates: Updates
) -> None:
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True), ended.console
    assert (machine.state / "sent-mc-info").read_text().startswith("Device ID")
    assert updates.reported == []
    assert len([c for c in machine.calls("bearman-cli") if " register " in c]) == 1


def test_an_update_is_fetched_verified_applied_and_read_back(
    machine: Machine, updates: Updates
) -> None:
    arguments = "-q\n--reason=it is $(touch x); `touch x`\n*"
    updates.plan(updates.update(arguments=arguments))
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True), ended.console
    assert updates.tool("arguments") == f"{arguments}\n"
    assert updates.reported == ["31 started", "31 applied"]
    assert updates.sent("reading") == "what dmidecode prints\n"
    assert "-t bios" in machine.calls("dmidecode")
    assert "writing block 1 of 2" in machine.log("firmware")
    assert not list(machine.root.rglob("x"))
    assert "BIOS of PowerEdge R640: 2.10.2 instead of 2.8.1, with vendor" in ended.console


def test_after_an_update_bearman_is_shown_what_the_machine_has_now(
    machine: Machine, updates: Updates
) -> None:
    updates.plan(updates.update())
    ended = machine.run("register.sh")
    steps = [line[14:] for line in ended.console.splitlines() if line.startswith("bearman: step ")]
    assert steps[4:8] == ["firmware", "inventory", "register", "bmc"]
    assert len([c for c in machine.calls("bearman-cli") if " register " in c]) == 2


def test_the_tool_gets_the_target_and_no_secret(machine: Machine, updates: Updates) -> None:
    updates.plan(updates.update(component="nic", target="eth0", read_with="ethtool"))
    machine.run("register.sh")
    assert updates.tool("target") == "eth0\n"
    assert TOKEN not in updates.tool("environment")
    assert "-i eth0" in machine.calls("ethtool")


def test_updates_are_done_in_the_order_of_the_plan(machine: Machine, updates: Updates) -> None:
    updates.plan(
        updates.update(id="33", component="bmc", read_with="ipmitool"),
        updates.update(id="7", component="disk", target="sda", read_with="lsblk"),
        updates.update(id="8"),
    )
    assert machine.run("register.sh").code == 0
    assert [word.split()[0] for word in updates.reported] == ["33", "33", "7", "7", "8", "8"]
    assert "--json --bytes --output-all /dev/sda" in machine.calls("lsblk")


def test_a_machine_that_restarts_goes_on_with_the_plan_of_its_next_boot(
    machine: Machine, updates: Updates
) -> None:
    updates.plan(updates.update(id="1", reboot="true"), updates.update(id="2"))
    updates.plan(updates.update(id="2"), number=2)
    first = machine.run("register.sh")
    assert (first.code, machine.is_off, machine.restarts) == (0, False, True)
    assert updates.reported == ["1 started", "1 rebooting"]
    assert "the machine restarts; its registration goes on then" in first.console
    assert "sync " in machine.argv[-2:][0] + " ", "what was written is on its disk first"
    assert machine.bmc_calls == []
    machine.restart()
    second = machine.run("register.sh")
    assert (second.code, machine.is_off) == (0, True), second.console
    assert updates.reported[2:] == ["2 started", "2 applied"]


def test_a_machine_that_does_not_restart_says_so(machine: Machine, updates: Updates) -> None:
    updates.plan(updates.update(reboot="true"))
    machine.breaks("reboot", "Failed to talk to init daemon")
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (1, False)
    assert machine.reports("failed")[0]["issue"] == "FW-015"


def test_a_power_cut_in_the_middle_is_made_good_by_the_next_boot(
    machine: Machine, updates: Updates
) -> None:
    """Kills everything in the moment in which the tool is at work."""
    slow = VENDOR.replace(b"echo 2.10.2", b"/bin/sleep 20; echo 2.10.2")
    updates.plan(updates.update(slow))
    updates.plan(updates.update(), number=2)
    process = machine.start(BOOT_SCRIPTS / "register.sh")
    deadline = time.monotonic() + 30
    while "block 1" not in _tool_log(machine):
        assert time.monotonic() < deadline, "the tool was never run"
        time.sleep(0.01)
    tool = max(
        int(pid) for pid in os.listdir("/proc") if pid.isdigit() and _runs(pid, "artefact-31")
    )
    os.killpg(process.pid, signal.SIGKILL)
    os.killpg(os.getpgid(tool), signal.SIGKILL)
    process.communicate()
    assert not (machine.state / "version").exists()
    machine.restart()
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True), ended.console
    assert updates.reported == ["31 started", "31 started", "31 applied"]
    assert (machine.state / "version").read_text() == "2.10.2\n"


def _tool_log(machine: Machine) -> str:
    path = machine.run_folder / "firmware/tool.log"
    return path.read_text() if path.exists() else ""


def _runs(pid: str, word: str) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return word.encode() in file.read()
    except OSError:
        return False


@under_two_shells
def test_a_tool_that_fails_is_told_with_its_last_words(machine: Machine, updates: Updates) -> None:
    updates.plan(updates.update(b"#!/bin/sh\necho 'image is for another board'; exit 9\n"))
    machine.bearman_answers(
        "firmware-report",
        *(0, 12),
        says="BIOS: vendor ended with code 9.",
        advice="Read the tool's output.",
        issue="FW-004",
    )
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (12, False)
    assert updates.reported == ["31 started", "31 failed code 9"]
    assert updates.sent("log-tail") == "image is for another board\n"
    (report,) = machine.reports("failed")
    assert (report["step"], report["issue"]) == ("firmware", "FW-004")
    assert report["message"] == "BIOS: vendor ended with code 9."
    assert "image is for another board" in report["log_tail"]
    assert machine.bmc_calls == []


def test_a_failure_that_bearman_lets_pass_does_not_end_the_registration(
    machine: Machine, updates: Updates
) -> None:
    updates.plan(updates.update(b"#!/bin/sh\nexit 9\n"), updates.update(id="32"))
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True)
    assert updates.reported == ["31 started", "31 failed code 9", "32 started", "32 applied"]
    assert "Bearman lets the registration go on" in ended.console


@under_two_shells
def test_a_tool_that_hangs_is_killed_with_all_that_it_started(
    machine: Machine, updates: Updates
) -> None:
    """The tool and its child shrug at TERM, as firmware tools do."""
    hangs = b"""#!/bin/sh
trap '' TERM
/bin/sleep 301 &
echo $! >"$STANDIN_STATE/child"
echo "erasing"
while :; do /bin/sleep 1; done
"""
    updates.plan(updates.update(hangs, timeout_seconds="2"))
    machine.bearman_answers("firmware-report", 0, 12, says="It hangs.", issue="FW-005")
    machine.shorten_kills()
    ended = machine.run("register.sh")
    assert ended.code == 12
    assert updates.reported == ["31 started", "31 failed code 124"]
    assert updates.sent("log-tail").startswith("erasing\n")
    child = int((machine.state / "child").read_text())
    limit = time.monotonic() + 10  # it is dead; whoever inherits it has yet to bury it
    while _runs(str(child), "sleep"):
        assert time.monotonic() < limit, "the tool's child lives on"
        time.sleep(0.01)


def test_a_tool_that_leaves_something_behind_is_not_waited_for(
    machine: Machine, updates: Updates
) -> None:
    """A process in a session of its own that keeps the tool's output open."""
    leaves = VENDOR + b"setsid /bin/sleep 60 &\n"
    updates.plan(updates.update(leaves))
    began = time.monotonic()
    process = machine.start(BOOT_SCRIPTS / "register.sh")
    process.wait(timeout=50)
    assert (machine.is_off, updates.reported[-1]) == (True, "31 applied")
    assert time.monotonic() - began < 45
    left = [pid for pid in os.listdir("/proc") if pid.isdigit() and _is_sleep_60(pid)]
    for pid in left:
        os.kill(int(pid), signal.SIGKILL)
    process.communicate()


def test_what_a_tool_leaves_behind_does_not_keep_the_lock(
    machine: Machine, updates: Updates
) -> None:
    leaves = VENDOR + b"setsid /bin/sleep 300 >/dev/null 2>&1 &\necho $! >$STANDIN_STATE/left\n"
    updates.plan(updates.update(leaves))
    assert machine.run("register.sh").code == 0
    left = int((machine.state / "left").read_text())
    try:
        ended = machine.run("register.sh")
        assert _runs(str(left), "sleep")
    finally:
        os.kill(left, signal.SIGKILL)
    assert ended.code == 0, ended.console
    assert "waiting for the step" not in ended.console


@under_one_shell
def test_a_tool_that_outlives_a_killed_script_keeps_the_lock_until_it_ends(
    machine: Machine, updates: Updates
) -> None:
    slow = VENDOR + b'while [ ! -e "$STANDIN_STATE/done" ]; do /bin/sleep 0.05; done\n'
    updates.plan(updates.update(slow))
    process = machine.start(BOOT_SCRIPTS / "register.sh")
    deadline = time.monotonic() + 30
    while "block 1" not in _tool_log(machine):
        assert time.monotonic() < deadline, "the tool was never run"
        time.sleep(0.01)
    process.kill()
    process.wait()
    with (machine.run_folder / "lock").open("a") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    second = machine.start(BOOT_SCRIPTS / "register.sh")
    assert second.stdout
    said = second.stdout.readline()  # not before it waits may the tool end
    (machine.state / "done").touch()
    console, _ = second.communicate(timeout=60)
    process.communicate()
    assert second.returncode == 0, console
    assert said == b"bearman: waiting for the step that an earlier run is still in\n"


@under_one_shell
def test_a_tool_that_nothing_can_end_is_left_behind_and_told(
    machine: Machine, updates: Updates
) -> None:
    """As in the kernel's uninterruptible sleep: the `timeout` beside it waits for ever."""
    launcher = machine.bin / "timeout"
    launcher.write_text(
        "#!/bin/sh\n"
        'if [ "$1 $2" = "-k 10" ]; then trap "" TERM; while :; do /bin/sleep 0.1; done; fi\n'
        'if [ "$1 $2" = "-k 5" ]; then shift 3; set -- -k 1 3 "$@"; fi\n'
        'exec /usr/bin/timeout "$@"\n'
    )
    launcher.chmod(0o755)
    updates.plan(updates.update(timeout_seconds="2"))
    machine.bearman_answers("firmware-report", 0, 12, says="It hangs.", issue="FW-005")
    ended = machine.run("register.sh")
    assert ended.code == 12, ended.console
    assert updates.reported == ["31 started", "31 failed code 124"]


def _is_sleep_60(pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read() == b"/bin/sleep\x0060\x00"
    except OSError:
        return False


def test_a_tool_that_prints_without_end_is_not_stopped_by_it(
    machine: Machine, updates: Updates
) -> None:
    """It may be in the middle of writing firmware."""
    chatters = b'#!/bin/sh\nhead -c 3000000 /dev/zero | tr "\\0" "."\n' + VENDOR[10:]
    updates.plan(updates.update(chatters))
    assert machine.run("register.sh").code == 0
    assert updates.reported == ["31 started", "31 applied"]
    assert (machine.run_folder / "firmware/tool.log").stat().st_size == 1024 * 1024


def test_a_tool_that_lies_is_for_bearman_to_find_out(machine: Machine, updates: Updates) -> None:
    """The scripts send what they read; it is Bearman that compares."""
    updates.plan(updates.update(b"#!/bin/sh\necho 100%\n"))
    machine.bearman_answers("firmware-report", 0, 12, says="BIOS is still 2.8.1.", issue="FW-003")
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (12, False)
    assert updates.reported == ["31 started", "31 applied"]
    assert machine.reports("failed")[0]["message"] == "BIOS is still 2.8.1."


def test_a_version_that_only_the_tool_can_read_is_read_before_and_after(
    machine: Machine, updates: Updates
) -> None:
    (machine.state / "version").write_text("2.8.1\n")
    updates.plan(updates.update(read_with="tool", read_first="true", from_version=""))
    ended = machine.run("register.sh")
    assert ended.code == 0, ended.console
    assert updates.reported == ["31 read", "31 started", "31 applied"]
    assert updates.sent("reading") == "2.10.2\n"


@pytest.mark.parametrize(("answers", "last"), [("false", "31 read"), ("true\nfalse", "31 started")])
def test_an_update_that_bearman_does_not_want_any_more_is_not_applied(
    machine: Machine, updates: Updates, answers: str, last: str
) -> None:
    (machine.state / "version").write_text("2.10.2\n")
    (machine.state / "firmware-report.applies").write_text(f"{answers}\n")
    updates.plan(updates.update(read_with="tool", read_first="true"))
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (0, True)
    assert updates.reported[-1] == last
    assert updates.tool("arguments") == updates.tool("target") == ""


@pytest.mark.parametrize("fault", ["sum", "size", "gone"])
def test_a_file_that_is_not_the_right_one_is_never_run(
    machine: Machine, updates: Updates, web: Web, fault: str
) -> None:
    changes = {
        "sum": {"artefact_sha256": hashlib.sha256(b"another").hexdigest()},
        "size": {"artefact_size": "7"},
        "gone": {},
    }[fault]
    updates.plan(updates.update(VENDOR, **changes))
    if fault == "gone":
        web.answers[file_of(VENDOR)] = Answer(b"<html>gone</html>", status=404)
    machine.bearman_answers("firmware-report", 12, says="not fetched", issue="FW-016")
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (12, False)
    assert updates.reported == ["31 failed code 125"]
    assert updates.tool("target") == ""
    assert "the update could not be fetched: " in updates.sent("log-tail")
    assert "the update could not be fetched: " in machine.reports("failed")[0]["message"]


def test_a_download_that_breaks_off_goes_on_where_it_was(
    machine: Machine, updates: Updates, web: Web
) -> None:
    large = VENDOR + b"#" * 300_000
    updates.plan(updates.update(large))
    web.answers[file_of(large)] = Answer(large, breaks_after=200_000)
    ended = machine.run("register.sh")
    assert ended.code == 0, ended.console
    assert (file_of(large), "bytes=200000-") in web.ranges


@under_two_shells
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "0"),
        ("id", "1; reboot"),
        ("target", "-eth0"),
        ("target", "../../etc"),
        ("tool", "sh"),
        ("tool", "vendor\nsh"),
        ("artefact_url", "file:///etc/shadow"),
        ("artefact_url", 'http://x/"\noutput = "/etc/passwd'),
        ("artefact_sha256", "abc"),
        ("artefact_size", "-1"),
        ("arguments", "a\x1b[2Jb"),
        ("arguments", "é"),
        ("read_with", "cat"),
        ("reboot", "maybe"),
        ("timeout_seconds", "0"),
    ],
)
def test_an_update_that_is_out_of_bounds_is_not_begun(
    machine: Machine, updates: Updates, name: str, value: str
) -> None:
    updates.plan(updates.update(**{name: value}))
    ended = machine.run("register.sh")
    assert (ended.code, machine.is_off) == (1, False)
    (report,) = machine.reports("failed")
    assert report["issue"] == "BOOT-006"
    assert report["message"] == f"Bearman's answer has no usable {name}"
    assert updates.reported == []
    assert updates.tool("target") == ""


def test_mstflint_burns_the_adapter_at_its_bus_address(machine: Machine, updates: Updates) -> None:
    (machine.state / "ethtool.prints").write_text("driver: mlx5_core\nbus-info: 0000:3b:00.1\n")
    stand_in(machine, "mstflint", "FW Version:            22.31.1014")
    updates.plan(
        updates.update(
            b"an image",
            component="nic",
            target="eth0",
            tool="mstflint",
            read_with="tool",
            arguments="--use_image_ps",
        )
    )
    assert machine.run("register.sh").code == 0
    image = machine.run_folder / "firmware/artefact-31"
    burn = f"--device 0000:3b:00.1 --image {image} --yes --use_image_ps burn"
    assert machine.calls("mstflint") == [burn, "--device 0000:3b:00.1 query"]
    assert updates.sent("reading") == "22.31.1014\n"


def test_fwupdmgr_installs_the_cabinet(machine: Machine, updates: Updates) -> None:
    stand_in(machine, "fwupdmgr", "│     Current version:    1.2.3")
    updates.plan(updates.update(b"a cabinet", tool="fwupdmgr", read_with="tool"))
    assert machine.run("register.sh").code == 0
    cabinet = machine.run_folder / "firmware/artefact-31"
    assert machine.calls("fwupdmgr") == [
        f"install {cabinet} --assume-yes --no-reboot-check",
        f"get-details {cabinet}",
    ]
    assert updates.sent("reading") == "1.2.3\n"


def test_a_command_gets_its_arguments_with_the_file_and_the_target(
    machine: Machine, updates: Updates
) -> None:
    stand_in(machine, "flashrom", "")
    updates.plan(
        updates.update(
            b"a rom",
            tool="command",
            target="sda",
            arguments="flashrom\n-p\ninternal\n-w\n@file@\n@target@",
        )
    )
    assert machine.run("register.sh").code == 0
    rom = machine.run_folder / "firmware/artefact-31"
    assert machine.calls("flashrom") == [f"-p internal -w {rom} sda"]


def test_a_command_needs_no_file(machine: Machine, updates: Updates) -> None:
    (machine.bin / "board-flash").write_bytes(VENDOR)
    (machine.bin / "board-flash").chmod(0o755)
    updates.plan(
        updates.update(
            tool="command",
            arguments="board-flash\n--from-its-own-store",
            artefact_url="",
            artefact_sha256="",
            artefact_size="",
            read_with="tool",
        )
    )
    ended = machine.run("register.sh")
    assert ended.code == 0, ended.console
    assert updates.reported == ["31 started", "31 applied"]
    assert updates.tool("arguments") == "--from-its-own-store\n"
    assert updates.sent("reading") == "2.10.2\n"


@pytest.mark.parametrize("tool", ["mstflint", "fwupdmgr", "command"])
def test_a_rehearsal_never_runs_this_machines_own_tools(
    machine: Machine, updates: Updates, tool: str
) -> None:
    updates.plan(
        updates.update(b"x", tool=tool, arguments="dd", target="eth0", timeout_seconds="5")
    )
    ended = machine.run("register.sh")
    assert ended.code == 2
    assert "PATH has no stand-in for" in ended.console


def stand_in(machine: Machine, program: str, prints: str) -> None:
    """Put a stand-in on the PATH that notes its calls and prints a line."""
    path = machine.bin / program
    path.write_text(f'#!/bin/sh\n. "$STANDINS/recorder.sh"\necho "{prints}"\n')
    path.chmod(0o755)
