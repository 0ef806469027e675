"""Exit codes: every gRPC status has one, and help, docs and module say the same."""

import json
import re
from itertools import pairwise

import grpc
import pytest

from bearman_cli import __version__
from bearman_cli.exit_codes import BY_GRPC_STATUS, MEANINGS, ExitCode
from protos.bearman.v1 import nodes_pb2
from tests.bearman_cli.conftest import ROOT, Program
from tests.bearman_cli.peer import Refusal, Script

STATUSES = [status for status in grpc.StatusCode if status is not grpc.StatusCode.OK]


def test_every_status_of_grpc_has_an_exit_code() -> None:
    assert set(BY_GRPC_STATUS) == {status.name for status in STATUSES}


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status.name)
def test_a_status_ends_in_its_code_with_the_sentence_of_the_server(
    program: Program, script: Script, status: grpc.StatusCode
) -> None:
    script.on("GetNode", Refusal(status, "This is why"))
    done = program.run("--retry-for", "0", "node", "show", "x")
    assert (done.code, done.out) == (BY_GRPC_STATUS[status.name], "")
    assert len(done.err.splitlines()) == 1
    if status is not grpc.StatusCode.DEADLINE_EXCEEDED:
        assert "This is why" in done.err


def test_a_status_without_a_word_still_gets_a_sentence(program: Program, script: Script) -> None:
    script.on("GetNode", Refusal(grpc.StatusCode.DATA_LOSS))
    assert "The server answered DATA_LOSS" in program.run("node", "show", "x").err


def test_help_ends_with_every_exit_code(program: Program) -> None:
    help_lines = [line.strip() for line in program.run("--help").out.splitlines()]
    rows = [f"{code.value}  {meaning}" for code, meaning in MEANINGS.items()]
    start = help_lines.index(rows[0])
    assert help_lines[start:] == rows


def test_the_docs_have_the_same_table() -> None:
    text = (ROOT / "docs" / "cli.md").read_text()
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| (.+) \|$", text, re.MULTILINE)
    assert rows == [(str(code.value), code.name, MEANINGS[code]) for code in ExitCode]


def test_codes_are_unique_and_told_in_order() -> None:
    assert list(MEANINGS) == list(ExitCode)
    assert all(one.value < other.value for one, other in pairwise(ExitCode))


def test_wrong_usage_is_code_2(program: Program) -> None:
    assert program.run("node", "lst").code == 2
    assert program.run("--retry-for", "-1", "node", "list").code == 2
    assert program.run("node", "list", "--limit", "0").code == 2


def test_errors_are_one_json_object_for_programs(program: Program, script: Script) -> None:
    script.on("GetNode", Refusal(grpc.StatusCode.NOT_FOUND, "There is no node `x`."))
    done = program.run("node", "show", "x", "--json")
    assert done.out == ""
    assert json.loads(done.err) == {
        "error": {
            "exit_code": 5,
            "name": "NOT_FOUND",
            "grpc_status": "NOT_FOUND",
            "message": "There is no node `x`.",
            "advice": None,
            "issue": None,
        }
    }


def test_an_answer_that_nobody_foresaw_is_code_1_in_one_line(
    program: Program, script: Script
) -> None:
    broken = nodes_pb2.GetNodeResponse()
    broken.node.last_seen.seconds = 10**17  # no calendar goes so far
    script.on("GetNode", broken)
    done = program.run("node", "show", "x")
    assert done.code == 1
    assert len(done.err.splitlines()) == 1


def test_the_version_is_told(program: Program) -> None:
    assert program.run("--version").out == f"bearman-cli {__version__}\n"
