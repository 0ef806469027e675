"""The stand-in programs, started as a machine starts them."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from simulator.ipmitool import Answer
from simulator.kcs import MAX_PATH, KcsServer
from simulator.shell_run import PROGRAMS

Calls = list[tuple[int, str, list[str]]]


@pytest.fixture
def calls() -> Calls:
    return []


@pytest.fixture
def kcs(calls: Calls) -> Iterator[KcsServer]:
    def handler(number: int, program: str, arguments: Sequence[str]) -> Answer:
        calls.append((number, program, list(arguments)))
        return Answer(0, "fine\n") if "fail" not in arguments else Answer(3, "broken\n")

    with KcsServer(handler) as server:
        yield server


@pytest.fixture
def run(kcs: KcsServer, tmp_path: Path) -> "Run":
    return Run(kcs, tmp_path)


class Run:
    """Starts a stand-in the way that the boot scripts do: by name, found on PATH."""

    def __init__(self, kcs: KcsServer, machine: Path) -> None:
        self.machine = machine
        self._environment = {
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "SIMULATED_KCS": str(kcs.path),
            "SIMULATED_MACHINE": str(machine),
            "SIMULATED_NUMBER": "42",
            "SIMULATED_PYTHON": sys.executable,
            "SIMULATED_PYTHONPATH": str(PROGRAMS.parents[1]),
        }

    def __call__(self, *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["/bin/sh", "-c", '"$@"', "sh", *words],
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )


def test_ipmitool_hands_its_arguments_over_as_they_are(run: Run, calls: Calls) -> None:
    words = ["lan", "set", "1", "a b", "", "$(poweroff)\n'\"", "ü"]
    done = run("ipmitool", *words)
    assert (done.returncode, done.stdout) == (0, "fine\n")
    assert calls == [(42, "ipmitool", words)]


def test_exec_reads_its_script_where_the_machine_has_it(run: Run, calls: Calls) -> None:
    run("ipmitool", "exec", "/dev/stdin", stdin="user enable 4\n")
    assert calls == [(42, "ipmitool", ["exec", "user enable 4\n"])]


def test_a_failure_keeps_its_code_and_goes_to_standard_error(run: Run) -> None:
    done = run("ipmitool", "fail")
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "broken\n")


def test_poweroff_tells_the_simulator(run: Run, calls: Calls) -> None:
    assert run("poweroff").returncode == 0
    assert calls == [(42, "poweroff", [])]


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (["dmidecode"], "dmidecode"),
        (["lsblk", "--json", "--bytes", "--output-all"], "lsblk"),
        (["ip", "-json", "-details", "link"], "ip-link"),
        (["ethtool", "-i", "eno1"], "ethtool/eno1"),
        (["ethtool", "eno1"], "settings/eno1"),
        (["ethtool", "-m", "eno1"], "module/eno1"),
        (["lldpcli", "-f", "json", "show", "neighbors", "details"], "lldp"),
        (["dmidecode", "-t", "bios"], "dmidecode-bios"),
        (["lsblk", "--json", "--bytes", "--output-all", "/dev/sda"], "lsblk-of/sda"),
    ],
)
def test_a_printer_prints_the_machines_own_text(run: Run, words: list[str], file: str) -> None:
    path = run.machine / "outputs" / file
    path.parent.mkdir(parents=True)
    path.write_text("its own\n")
    assert run(*words).stdout == "its own\n"


def test_a_module_that_cannot_be_read_is_a_complaint_and_a_code(run: Run) -> None:
    for folder, text in (("module", ""), ("module-error", "netlink error: Input/output error\n")):
        path = run.machine / "outputs" / folder / "eno1"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    done = run("ethtool", "-m", "eno1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "netlink error: Input/output error\n"


def test_links_are_up_already_and_other_disks_and_questions_are_refused(run: Run) -> None:
    assert run("ip", "link", "set", "dev", "eno1", "up").returncode == 0
    assert run("lsblk", "--json", "/dev/sdz").returncode == 32
    assert run("lldpcli", "show", "chassis").returncode == 1


@pytest.mark.parametrize("tool", ["fwupdmgr", "mstflint", "simulated-flash"])
def test_firmware_tools_name_files_as_the_simulator_finds_them(
    run: Run, calls: Calls, tool: str
) -> None:
    image = run.machine / "image"
    image.touch()
    assert run(tool, "install", f"{run.machine}/../{run.machine.name}/image").returncode == 0
    assert calls == [(42, tool, ["install", str(image)])]


def test_ethtool_knows_only_the_interfaces_that_are_there(run: Run) -> None:
    assert run("ethtool", "-i", "eno9").returncode == 75
    assert run("ip", "-json", "route").returncode == 1


def test_bearman_cli_is_the_real_one_and_register_leaves_its_times(run: Run) -> None:
    done = run("bearman-cli", "--version")
    assert done.stdout.startswith("bearman-cli ")
    assert not (run.machine / "register-began").exists()
    assert run("bearman-cli", "register", "--no-such-option").returncode == 2
    assert (run.machine / "register-ended").exists()


def test_a_socket_path_that_is_too_long_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * MAX_PATH)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with pytest.raises(ValueError, match="set TMPDIR"):
        KcsServer(lambda *_: None)
    assert not list(deep.iterdir())
