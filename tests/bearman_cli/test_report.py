"""`bearman-cli report`: what reaches the node's time line."""

import json
from pathlib import Path

import pytest

from protos.bearman.v1 import nodes_pb2
from tests.bearman_cli.conftest import UUID, Program
from tests.bearman_cli.peer import Script

FAILED = nodes_pb2.ReportResponse(status=nodes_pb2.NODE_STATUS_REGISTER_FAILED)


def test_a_failure_arrives_with_its_words_and_its_log(
    program: Program, script: Script, tmp_path: Path
) -> None:
    script.on("Report", FAILED)
    log = tmp_path / "bmc.log"
    log.write_bytes(b"one\ntwo \xff\n")
    done = program.run(
        *("report", "--step", "bmc", "--outcome", "failed", "--message", "It said no."),
        *("--log-tail-file", str(log), "--address", "10.9.8.7"),
    )
    assert (done.code, done.out) == (0, "The node is REGISTER_FAILED.\n")
    assert script.requests == [
        nodes_pb2.ReportRequest(
            uuid=UUID,
            step="bmc",
            outcome=nodes_pb2.STEP_OUTCOME_FAILED,
            message="It said no.",
            log_tail="one\ntwo \ufffd\n",
            address="10.9.8.7",
        )
    ]


def test_progress_needs_no_more_than_a_step(program: Program, script: Script) -> None:
    script.on("Report", nodes_pb2.ReportResponse(status=nodes_pb2.NODE_STATUS_REGISTERING))
    done = program.run("report", "--step", "bmc", "--outcome", "progress", "--json")
    assert json.loads(done.out) == {"status": "REGISTERING"}
    assert script.requests[0].outcome == nodes_pb2.STEP_OUTCOME_PROGRESS


@pytest.mark.parametrize("filler", [b"x", b"\xff", "ü".encode()])
def test_only_the_end_of_a_long_log_is_sent(
    program: Program, script: Script, tmp_path: Path, filler: bytes
) -> None:
    script.on("Report", FAILED)
    log = tmp_path / "log"
    log.write_bytes((filler * 40 + b"\n") * 10_000 + b"the last line\n")
    program.run("report", "--step", "a", "--outcome", "failed", "--log-tail-file", str(log))
    tail = script.requests[0].log_tail
    assert 16_000 < len(tail.encode()) <= 16 * 1024
    assert tail.endswith("\nthe last line\n")


def test_a_log_that_is_gone_does_not_stop_the_report(
    program: Program, script: Script, tmp_path: Path
) -> None:
    script.on("Report", FAILED)
    gone = str(tmp_path / "gone")
    done = program.run("report", "--step", "a", "--outcome", "failed", "--log-tail-file", gone)
    assert done.code == 0
    assert f"{gone} cannot be read" in done.err
    assert len(script.requests) == 1


def test_a_long_message_is_cut_to_what_the_server_keeps(program: Program, script: Script) -> None:
    script.on("Report", FAILED)
    program.run("report", "--step", "a", "--outcome", "failed", "--message", "m" * 5000)
    assert script.requests[0].message == "m" * 1000


@pytest.mark.parametrize("step", ["", "Upper", "a b", "a" * 41, "a;b"])
def test_a_step_with_a_wrong_name_is_refused(program: Program, script: Script, step: str) -> None:
    assert program.run("report", "--step", step, "--outcome", "failed").code == 2
    assert script.requests == []


def test_an_unknown_outcome_is_refused(program: Program) -> None:
    done = program.run("report", "--step", "a", "--outcome", "fine")
    assert done.code == 2
    assert "progress" in done.err
