"""Each entry of the catalogue has a test that provokes it, and says so with a marker."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from bearman.lib.issues import CATALOGUE

TESTS = Path(__file__).resolve().parents[1]


class ComputedError(Exception):
    """A marker's codes are not written down as such."""


def test_each_entry_is_provoked_by_a_test() -> None:
    missing = sorted(set(CATALOGUE) - set(marked()))
    assert not missing, f"no test has the marker issue(...) for {', '.join(missing)}"


def test_no_marker_names_a_code_that_the_catalogue_does_not_have() -> None:
    unknown = {code: place for code, place in marked().items() if code not in CATALOGUE}
    assert not unknown


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        ('@pytest.mark.issue("A-1", "A-2")\ndef test_x(): ...', ["A-1", "A-2"]),
        ('pytestmark = pytest.mark.issue("A-1")', ["A-1"]),
        ('x = pytest.param(1, marks=pytest.mark.issue("A-1"))', ["A-1"]),
        ('pytest.mark.parametrize("A-1", [])', []),
    ],
)
def test_markers_are_found_wherever_they_stand(source: str, codes: list[str]) -> None:
    assert list(codes_in(source)) == codes


def marked() -> dict[str, str]:
    """Return the codes that tests say they provoke, each with a file that says so."""
    found: dict[str, str] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        if path != Path(__file__).resolve():
            for code in codes_of(path):
                found.setdefault(code, str(path.relative_to(TESTS)))
    return found


def codes_of(path: Path) -> list[str]:
    """Return the codes that a file's tests have; where one computes them, it is asked."""
    try:
        return list(codes_in(path.read_text(encoding="utf-8")))
    except ComputedError:
        module = import_module(".".join(("tests", *path.relative_to(TESTS).with_suffix("").parts)))
        marks = (getattr(each, "pytestmark", []) for each in vars(module).values())
        return [code for marks_of in marks for code in codes_among(marks_of)]


def codes_among(marks: list[pytest.Mark]) -> list[str]:
    """Return the codes of the markers `issue` among others."""
    return [str(code) for mark in marks if mark.name == "issue" for code in mark.args]


def codes_in(source: str) -> Iterator[str]:
    """Return the arguments of each `pytest.mark.issue(...)`; raises ComputedError."""
    for each in ast.walk(ast.parse(source)):
        if isinstance(each, ast.Call) and ast.unparse(each.func) == "pytest.mark.issue":
            for argument in each.args:
                if not isinstance(argument, ast.Constant):
                    raise ComputedError
                yield str(argument.value)
