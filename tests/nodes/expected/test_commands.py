"""`bearman expected_import` and `expected_export`."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from nodes.expected.sample import SAMPLE
from nodes.models import AvailabilityZone, ExpectedMachine
from nodes.services.expected_import import expected_check

ROOT = Path(__file__).resolve().parents[3]


def run(name: str, *arguments: str) -> tuple[str, str]:
    """What a command says on both channels."""
    out, err = StringIO(), StringIO()
    call_command(name, *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def sample(tmp_path: Path, zone: AvailabilityZone) -> str:
    path = tmp_path / "list.csv"
    path.write_text(SAMPLE)
    return str(path)


def test_a_dry_run_tells_and_writes_nothing(sample: str) -> None:
    out, _ = run("expected_import", sample, "--dry-run")
    assert "new: Dell PowerEdge R650 8XK2T13 R12 U4\n" in out
    assert "It would be: 3 new, 0 changed" in out
    assert not ExpectedMachine.objects.exists()


def test_a_file_is_imported_and_exported(sample: str, tmp_path: Path) -> None:
    out, _ = run("expected_import", sample, "--as", "olga")
    assert out.startswith("Imported: 3 new")
    assert ExpectedMachine.objects.filter(imported_by="olga").count() == 3
    text, _ = run("expected_export")
    again = tmp_path / "again.csv"
    again.write_bytes(text.encode())
    assert "0 new, 0 changed, 3 as they were" in run("expected_import", str(again))[0]


def test_faults_are_told_line_by_line_and_end_in_an_error(tmp_path: Path, db: None) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("serial,unit\na,x\nb,y\n")
    err = StringIO()
    with pytest.raises(CommandError, match="2 faults; nothing was imported"):
        call_command("expected_import", str(path), stderr=err)
    assert err.getvalue().startswith("Line 2: unit: 'x' is no unit")
    with pytest.raises(CommandError, match=r"cannot be read: No such file"):
        run("expected_import", str(tmp_path / "nothing.csv"))


def test_the_sample_of_the_documentation_is_good(zone: AvailabilityZone) -> None:
    assert (ROOT / "docs" / "expected-sample.csv").read_text() == SAMPLE
    assert expected_check(data=SAMPLE.encode()).is_good
