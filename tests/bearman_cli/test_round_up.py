"""`bearman-cli round-up`."""

import json

import pytest

from bearman_cli.text import clean
from protos.bearman.v1 import nodes_pb2
from protos.bearman.v1 import roundup_pb2 as pb
from tests.bearman_cli.conftest import Program
from tests.bearman_cli.peer import Script
from tests.bearman_cli.test_hostile_text import HOSTILE, on_terminal, poisoned


def answer() -> pb.RoundUpResponse:
    """A round with one failure and one missing machine."""
    stop = pb.RoundUpStop(
        zone="az1",
        rack="R12",
        unit=4,
        node_id="17",
        machine="Dell PowerEdge R650",
        serial="8XK2T13",
        status=nodes_pb2.NODE_STATUS_REGISTER_FAILED,
        issue="WIRE-012",
        reason="wiring: eno1 sees no light.",
        advice="Swap the two fibres of this pair.",
        address="10.1.0.17",
    )
    missing = pb.RoundUpStop(rack="R12", serial="8XK2T14", issue="EXP-012", reason="Never seen.")
    return pb.RoundUpResponse(
        registered=40,
        failed=1,
        missing=1,
        failed_before=2,
        reasons=[pb.RoundUpReason(issue="WIRE-012", title="No light", advice="Swap.", count=1)],
        stops=[stop, missing],
        more=3,
    )


def test_people_get_numbers_reasons_and_the_walk(program: Program, script: Script) -> None:
    script.on("RoundUp", answer())
    done = program.run("round-up", "--hours", "8")
    assert (done.code, script.requests[0].hours) == (0, 8)
    assert "Registered                            40\n" in done.out
    assert "Failed at another time, and still do  2\n" in done.out
    assert "1         WIRE-012  No light    Swap.\n" in done.out
    first, second = done.out.splitlines()[-2:]
    assert first.split()[:4] == ["R12", "U4", "17", "REGISTER_FAILED"]
    assert first.split()[4:7] == ["8XK2T13", "WIRE-012", "10.1.0.17"]
    assert second.split()[:4] == ["R12", "-", "MISSING", "8XK2T14"]
    assert "There are 3 more: choose fewer hours." in done.err


def test_programs_get_stable_keys(program: Program, script: Script) -> None:
    script.on("RoundUp", answer())
    found = json.loads(program.run("round-up", "--json").out)
    assert set(found) == {field.name for field in pb.RoundUpResponse.DESCRIPTOR.fields}
    assert found["stops"][0]["status"] == "REGISTER_FAILED"
    assert found["stops"][1]["status"] is None


def test_nobody_to_walk_and_nothing_at_all_are_said(program: Program, script: Script) -> None:
    script.on("RoundUp", pb.RoundUpResponse(registered=3), pb.RoundUpResponse())
    assert "Nobody has to walk" in program.run("round-up").err
    assert "Nothing happened in this time." in program.run("round-up").err


@pytest.mark.parametrize("hours", ["0", "745", "x"])
def test_hours_that_cannot_be_are_wrong_usage(program: Program, hours: str) -> None:
    assert program.run("round-up", "--hours", hours).code == 2


def test_hostile_text_steers_no_terminal(program: Program, script: Script) -> None:
    script.on("RoundUp", poisoned(answer()))
    out = program.run("round-up").out
    assert clean(out.replace("\n", "")) == out.replace("\n", "")
    assert "\x1b]0;" not in on_terminal(program, "round-up")
    assert json.dumps(HOSTILE) in program.run("round-up", "--json").out
