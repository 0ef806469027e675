"""`make demo`, with the whole product; slow, for it starts PostgreSQL and all processes."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.demo.folder import MARKER, kept_folder
from simulator.demo.product import ProductError
from tests.simulator.bmc.rig import wait_until

PROJECT = Path(__file__).resolve().parents[2]
SECONDS = 400.0  # half an idle computer needs a minute


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "simulator.demo", *words]


def environment(temporary: Path) -> dict[str, str]:
    """Ours, with a temporary folder of our own and without the tests' own database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BEARMAN_")}
    return kept | {"TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"}


def processes_with(text: str) -> list[str]:
    """Command lines and environments that name a folder: what a demo would leave behind."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and text.encode() in (
                (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            ):
                found.append((entry / "cmdline").read_text("utf-8", "replace"))
        except OSError:
            continue
    return found


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder with a short name, as the database's socket needs it."""
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        yield Path(folder)


def test_the_demo_shows_what_it_promises_and_leaves_nothing(temporary: Path) -> None:
    done = subprocess.run(
        command("--once", "--nodes", "12"),
        cwd=PROJECT,
        env=environment(temporary),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 of 12 servers are READY" in done.stdout
    for code in ("BMC-001", "WIRE-004", "WIRE-012", "FW-003"):
        assert f"Still lit, REGISTER_FAILED {code}: " in done.stdout
    assert "Still lit, QUARANTINED ID-003: " in done.stdout
    assert "5 of the machines that stay lit are told in Slack" in done.stdout
    assert "has come good, and Slack says so." in done.stdout
    assert done.stdout.index("Login  admin / ") < done.stdout.index("Pressing 12 power buttons")
    assert re.search(r"^NODE +UUID +STATUS", done.stdout, re.MULTILINE)
    assert "4 of 5 systems are INSTALLED" in done.stdout
    assert "attempt 2, booted cold" in done.stdout
    assert "log  mkfs.ext4: Input/output error" in done.stdout
    assert re.search(r"^HOSTNAME +STATE", done.stdout, re.MULTILINE)
    assert list(temporary.iterdir()) == []
    assert processes_with(str(temporary)) == []


def test_a_demo_that_stays_answers_until_ctrl_c_and_then_ends_whole(temporary: Path) -> None:
    folder, output = temporary / "data", temporary / "output"
    with output.open("w") as out:
        process = subprocess.Popen(
            command("--nodes", "10", "--data-dir", str(folder)),
            cwd=PROJECT,
            env=environment(temporary),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: "Ctrl-C ends it" in output.read_text(), seconds=SECONDS)
        address = re.search(r"Admin  (http://\S+)", output.read_text())
        assert address is not None
        with urllib.request.urlopen(address[1], timeout=10) as page:
            assert page.status == 200
        slack = re.search(r"Slack  (http://\S+)", output.read_text())
        assert slack is not None
        with urllib.request.urlopen(slack[1], timeout=10) as page:
            assert b"WIRE-012" in page.read()
        with pytest.raises(ProductError, match="A demo is running"), kept_folder(folder):
            pass
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
    assert code == 0, output.read_text()
    assert (folder / "bearman.log").exists()
    assert processes_with(str(folder)) == []


def test_a_product_that_does_not_start_is_told_with_its_log(
    temporary: Path, tmp_path: Path
) -> None:
    """An interpreter that cannot find the product's packages stands for any broken product."""
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import sys\nif 'bearman' in sys.orig_argv:\n    sys.exit('broken on purpose')\n"
    )
    done = subprocess.run(
        command("--once", "--nodes", "10"),
        cwd=PROJECT,
        env=environment(temporary) | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 1, done.stdout
    assert "Bearman ended while it started." in done.stdout
    assert "broken on purpose" in done.stdout
    assert list(temporary.iterdir()) == []


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").touch()
    with pytest.raises(ProductError, match="not empty"), kept_folder(tmp_path):
        pass
    assert (tmp_path / "precious").exists()


def test_a_folder_of_an_earlier_demo_is_emptied(tmp_path: Path) -> None:
    for name in (MARKER, "bearman.log"):
        (tmp_path / name).touch()
    with kept_folder(tmp_path) as folder:
        assert [path.name for path in folder.iterdir()] == [MARKER]


@pytest.mark.parametrize("words", [["--nodes", "9"], ["--nodes", "241"], ["--nodes", "x"]])
def test_too_few_and_too_many_machines_are_refused(words: list[str]) -> None:
    done = subprocess.run(
        command(*words), cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
