"""Every failure of the boot scripts has its code in the issue catalogue."""

import re
from pathlib import Path

import pytest

from bearman.lib.issues import CATALOGUE
from tests.boot_scripts.machine import BOOT_SCRIPTS

CODE = re.compile(r"\b(?!SHA-)[A-Z]{2,5}-[0-9]{3}\b")
SCRIPTS = sorted(
    path
    for path in (
        *BOOT_SCRIPTS.glob("*.sh"),
        *BOOT_SCRIPTS.glob("firmware/*.sh"),
        BOOT_SCRIPTS / "autorun",
        BOOT_SCRIPTS / "bearman-install",
    )
)
# Calls that end in a failure, and what stands for the code where it was told by Bearman.
FAILS = re.compile(
    r"(?:^|\|\| |&& |\) |then )(?:fail|fail_for|boot_cold|step|kexec_step|run_step) [\"a-z]"
)
TOLD = ('"$(code_in "$NODE/issue")"', '"${told:-$3}"', '"$2" "$3"', '"$@"')


def statements(text: str) -> list[str]:
    """The script's lines, with those joined that go on, and comments and functions left out."""
    joined = text.replace("\\\n", " ")
    lines = [line.strip() for line in joined.splitlines()]
    return [line for line in lines if line and not line.startswith("#") and "() {" not in line]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_code_in_a_script_is_in_the_catalogue(script: Path) -> None:
    assert set(CODE.findall(script.read_text())) <= set(CATALOGUE)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_failure_in_a_script_names_a_code(script: Path) -> None:
    text = script.read_text()
    calls = [line for line in statements(text) if FAILS.search(line)]
    nameless = [line for line in calls if not CODE.search(line)]
    assert [line for line in nameless if not any(told in line for told in TOLD)] == []


def test_the_scripts_name_many_codes() -> None:
    """Or else the two tests above look at nothing."""
    named = {code for path in SCRIPTS for code in CODE.findall(path.read_text())}
    assert len(named) > 20
