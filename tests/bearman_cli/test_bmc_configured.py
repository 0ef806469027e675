"""`bearman-cli bmc-configured`: proven, not proven, and patience in between."""

import json
from pathlib import Path

import grpc

from protos.bearman.v1 import nodes_pb2
from tests.bearman_cli.conftest import UUID, Program
from tests.bearman_cli.peer import Refusal, Script

PROVEN = nodes_pb2.BmcConfiguredResponse(proven=True, status=nodes_pb2.NODE_STATUS_READY)
SETTLING = nodes_pb2.BmcConfiguredResponse(
    status=nodes_pb2.NODE_STATUS_REGISTER_FAILED, reason="No answer yet.", retry=True
)
HOPELESS = nodes_pb2.BmcConfiguredResponse(
    status=nodes_pb2.NODE_STATUS_REGISTER_FAILED,
    reason="The BMC refuses the password.",
    advice="Set it again.",
)


def test_a_proven_machine_is_told_so(program: Program, script: Script) -> None:
    script.on("BmcConfigured", PROVEN)
    done = program.run("bmc-configured")
    assert done.code == 0
    assert "controls this machine" in done.out
    assert script.requests[0].uuid == UUID


def test_a_hopeless_machine_is_asked_about_only_once(program: Program, script: Script) -> None:
    script.on("BmcConfigured", HOPELESS, PROVEN)
    done = program.run("bmc-configured")
    assert done.code == 8
    assert done.err == "bearman-cli: The BMC refuses the password. Set it again.\n"
    assert len(script.requests) == 1


def test_a_shell_gets_reason_advice_and_code(
    program: Program, script: Script, tmp_path: Path
) -> None:
    coded = nodes_pb2.BmcConfiguredResponse()
    coded.CopyFrom(HOPELESS)
    coded.issue = "BMC-002"
    script.on("BmcConfigured", PROVEN, coded)
    assert program.run("bmc-configured", "--output-dir", str(tmp_path)).code == 0
    assert (tmp_path / "status").read_text() == "READY\n"
    assert program.run("bmc-configured", "--output-dir", str(tmp_path)).code == 8
    assert {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()} == {
        "reason": "The BMC refuses the password.\n",
        "advice": "Set it again.\n",
        "issue": "BMC-002\n",
    }


def test_a_bmc_that_settles_is_asked_about_again(program: Program, script: Script) -> None:
    script.on("BmcConfigured", SETTLING, SETTLING, PROVEN)
    done = program.run("bmc-configured")
    assert done.code == 0
    assert "No answer yet. Attempt 2 in" in done.err
    assert len(script.requests) == 3


def test_another_operation_on_the_bmc_is_waited_for(program: Program, script: Script) -> None:
    script.on("BmcConfigured", Refusal(grpc.StatusCode.ABORTED, "The BMC is busy."), PROVEN)
    assert program.run("bmc-configured").code == 0


def test_patience_ends_with_the_last_reason(program: Program, script: Script) -> None:
    script.on("BmcConfigured", SETTLING)
    done = program.run("--retry-for", "1", "bmc-configured")
    assert done.code == 8
    assert "No answer yet. Gave up after" in done.err
    assert len(script.requests) > 1


def test_a_machine_that_is_not_registered_is_refused_at_once(
    program: Program, script: Script
) -> None:
    script.on("BmcConfigured", Refusal(grpc.StatusCode.FAILED_PRECONDITION, "Register first."))
    done = program.run("bmc-configured")
    assert done.code == 6
    assert done.err == "bearman-cli: Register first.\n"
    assert len(script.requests) == 1


def test_programs_get_the_answer_and_the_error_as_json(program: Program, script: Script) -> None:
    script.on("BmcConfigured", HOPELESS)
    done = program.run("bmc-configured", "--json")
    assert json.loads(done.out) == {
        "proven": False,
        "status": "REGISTER_FAILED",
        "reason": "The BMC refuses the password.",
        "advice": "Set it again.",
        "retry": False,
        "issue": None,
    }
    assert json.loads(done.err)["error"]["name"] == "NOT_PROVEN"
