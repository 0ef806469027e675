"""`bearman-cli issue list` and `issue show`: the catalogue for people and for programs."""

import json

from protos.bearman.v1 import issues_pb2 as pb
from tests.bearman_cli.conftest import Program
from tests.bearman_cli.peer import Script

SWAPPED = pb.Issue(
    code="WIRE-004",
    title="Cables of one machine are swapped",
    severity=pb.SEVERITY_ERROR,
    meaning="Two cables are in each other's place.",
    advice="Swap them at the switch.",
    area="Wiring",
)
SILENT = pb.Issue(
    code="BMC-001", title="Silent", severity=pb.SEVERITY_WARNING, area="BMC and power"
)
CATALOGUE = pb.ListIssuesResponse(issues=[SWAPPED, SILENT])


def test_the_list_has_a_row_for_each_entry(program: Program, script: Script) -> None:
    script.on("ListIssues", CATALOGUE)
    done = program.run("issue", "list")
    title, first, second = done.out.splitlines()
    assert title.split() == ["CODE", "SEVERITY", "AREA", "TITLE"]
    assert first.split()[:3] == ["WIRE-004", "error", "Wiring"]
    assert second.split()[:2] == ["BMC-001", "warning"]


def test_an_area_is_named_by_its_title_or_its_prefix(program: Program, script: Script) -> None:
    script.on("ListIssues", CATALOGUE)
    for area in ("wiring", "WIRE"):
        listed = json.loads(program.run("issue", "list", "--area", area, "--json").out)
        assert [entry["code"] for entry in listed["issues"]] == ["WIRE-004"]


def test_an_area_that_there_is_not_is_an_error_that_names_those_there_are(
    program: Program, script: Script
) -> None:
    script.on("ListIssues", CATALOGUE)
    done = program.run("issue", "list", "--area", "cables")
    assert (done.code, done.out) == (5, "")
    assert "Areas: Wiring, BMC and power." in done.err


def test_one_entry_is_shown_with_what_to_do(program: Program, script: Script) -> None:
    script.on("ListIssues", CATALOGUE)
    done = program.run("issue", "show", "wire-004")
    assert done.code == 0
    for words in (SWAPPED.title, SWAPPED.meaning, SWAPPED.advice, "error", "Wiring"):
        assert words in done.out
    answer = json.loads(program.run("issue", "show", "WIRE-004", "--json").out)
    assert set(answer) == {field.name for field in pb.Issue.DESCRIPTOR.fields}
    assert answer["severity"] == "ERROR"


def test_an_unknown_code_is_an_error_with_near_ones(program: Program, script: Script) -> None:
    script.on("ListIssues", CATALOGUE)
    done = program.run("issue", "show", "WIRE-04")
    assert (done.code, done.out) == (5, "")
    assert "Did you mean WIRE-004?" in done.err
    assert "`issue list`" in program.run("issue", "show", "nonsense").err
