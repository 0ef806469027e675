"""`bearman firmware_add` and `bearman firmware_list`."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from nodes.models import FirmwareBaseline
from tests.admin.fleet import make_node

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def add(file: Path, *more: str) -> str:
    words = ("--component", "bios", "--vendor", "Dell*", "--wanted", "2.20.0", "--reboot")
    return run("firmware_add", "dell", *words, "--comparator", "dell", "--file", str(file), *more)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bios.exe"
    path.write_bytes(b"new bios")
    return path


def test_a_baseline_is_added_with_its_file_and_again_without_a_change(file: Path) -> None:
    assert add(file) == "dell added: bios 2.20.0 or newer, dry_run.\n"
    first = FirmwareBaseline.objects.get()
    assert default_storage.open(first.artefact_path).read() == b"new bios"
    assert add(file, "--mode", "on") == "dell is as said: bios 2.20.0 or newer, on.\n"
    add(file)
    again = FirmwareBaseline.objects.get()
    assert (again.revision, again.artefact_path, again.mode) == (1, first.artefact_path, "on")


def test_another_file_is_another_revision_and_the_old_file_goes(
    file: Path, django_capture_on_commit_callbacks: object
) -> None:
    add(file)
    old = FirmwareBaseline.objects.get().artefact_path
    file.write_bytes(b"newer bios")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        add(file)
    assert FirmwareBaseline.objects.get().revision == 2
    assert not default_storage.exists(old)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--wanted", "IVE164G-3.11"), "Write it as Dell BIOS has it"),
        (("--model", "x"), "meant by vendor and product alone"),
        (("--argument", "a b"), "An argument has"),
        (("--file", "/nowhere/bios.exe"), "cannot be read: No such file"),
    ],
)
def test_what_cannot_be_is_refused_in_words(file: Path, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        add(file, *words)
    assert not FirmwareBaseline.objects.exists()


def test_the_list_counts_nodes_or_says_how_to_add(file: Path) -> None:
    assert "There are no firmware baselines" in run("firmware_list")
    add(file)
    make_node(0)
    (line,) = run("firmware_list").splitlines()
    words = " ".join(line.split())
    assert words == "dell bios 2.20.0 or newer dry_run 1 of 1 behind, 0 up to date"
