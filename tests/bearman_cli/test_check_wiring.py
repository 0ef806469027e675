"""`bearman-cli check-wiring`: what is sent, and what a shell gets."""

import json
from pathlib import Path

import grpc
import pytest

from protos.bearman.v1 import issues_pb2, nodes_pb2, wiring_pb2
from tests.bearman_cli.conftest import UUID, Outcome, Program
from tests.bearman_cli.peer import Refusal, Script

PASSED = wiring_pb2.CheckWiringResponse(passed=True, status=nodes_pb2.NODE_STATUS_REGISTERING)
SWAPPED = issues_pb2.Finding(
    code="WIRE-004",
    title="Two cables are swapped",
    severity=issues_pb2.SEVERITY_ERROR,
    subject="eno1",
    message="eno1 and eno2 are swapped.",
    advice="Swap them.",
)
ENDED = wiring_pb2.CheckWiringResponse(
    status=nodes_pb2.NODE_STATUS_REGISTER_FAILED,
    findings=[SWAPPED],
    reason="eno1 and eno2 are swapped.",
    advice="Swap them.",
    issue="WIRE-004",
)


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    """A folder as register.sh fills it."""
    folder = tmp_path / "wiring"
    for interface in ("eno2", "eno1"):
        (folder / "links" / interface).mkdir(parents=True)
        (folder / "links" / interface / "settings").write_bytes(b"Speed: 25000Mb/s \xff\n")
    (folder / "links/eno1/module").write_text("Laser output power : 0.5 mW\n")
    (folder / "links/eno2/module_error").write_text("netlink error: No such device\n")
    (folder / "links/.part").mkdir()
    (folder / "lldp").write_text('{"lldp": {}}')
    (folder / "ip-link").write_text("[]")
    return folder


def check(program: Program, readings: Path, *arguments: str) -> Outcome:
    """Run the verb on the folder."""
    return program.run(
        "check-wiring",
        *("--lldp", str(readings / "lldp")),
        *("--ip-link", str(readings / "ip-link")),
        *("--links", str(readings / "links")),
        *("--output-dir", str(readings / "answer")),
        *arguments,
    )


def answer(readings: Path) -> dict[str, str]:
    """What a shell finds."""
    return {path.name: path.read_text() for path in (readings / "answer").iterdir()}


def test_what_the_programs_said_arrives_byte_for_byte(
    program: Program, script: Script, readings: Path
) -> None:
    script.on("CheckWiring", PASSED)
    done = check(program, readings)
    assert (done.code, done.out) == (0, "The cables are as they should be.\n")
    (request,) = script.requests
    assert (request.uuid, request.lldp, request.ip_link) == (UUID, b'{"lldp": {}}', b"[]")
    settings = b"Speed: 25000Mb/s \xff\n"
    assert [(each.interface, each.settings) for each in request.links] == [
        ("eno1", settings),
        ("eno2", settings),
    ]
    assert request.links[0].module == b"Laser output power : 0.5 mW\n"
    assert request.links[1].module_error == b"netlink error: No such device\n"
    assert answer(readings) == {
        "passed": "true\n",
        "status": "REGISTERING\n",
        "reason": "",
        "advice": "",
        "issue": "",
    }


def test_cables_that_end_the_registration_are_code_12_with_why(
    program: Program, script: Script, readings: Path
) -> None:
    script.on("CheckWiring", ENDED)
    done = check(program, readings)
    assert done.code == 12
    assert done.out == "ERROR WIRE-004 eno1 and eno2 are swapped. Swap them.\n"
    assert done.err == "bearman-cli: eno1 and eno2 are swapped. Swap them.\n"
    assert answer(readings) == {
        "passed": "false\n",
        "status": "REGISTER_FAILED\n",
        "reason": "eno1 and eno2 are swapped.\n",
        "advice": "Swap them.\n",
        "issue": "WIRE-004\n",
    }


def test_programs_get_the_findings_as_json(
    program: Program, script: Script, readings: Path
) -> None:
    script.on("CheckWiring", ENDED)
    done = check(program, readings, "--json")
    assert json.loads(done.out)["findings"][0]["severity"] == "ERROR"
    assert json.loads(done.err)["error"] == {
        "exit_code": 12,
        "name": "NOT_PASSED",
        "grpc_status": None,
        "message": "eno1 and eno2 are swapped.",
        "advice": "Swap them.",
        "issue": "WIRE-004",
    }


def test_a_refusal_is_told_from_a_verdict(program: Program, script: Script, readings: Path) -> None:
    script.on("CheckWiring", ENDED, Refusal(grpc.StatusCode.FAILED_PRECONDITION, "Register."))
    check(program, readings)
    assert check(program, readings).code == 6
    assert answer(readings) == {"reason": "Register.\n", "advice": "", "issue": ""}


def test_more_than_two_mebibytes_are_not_sent(
    program: Program, script: Script, readings: Path
) -> None:
    (readings / "lldp").write_bytes(b"x" * 2**20)
    (readings / "links/eno1/settings").write_bytes(b"x" * 2**20)
    done = check(program, readings)
    assert (done.code, script.requests) == (6, [])
    assert "larger than 2 MiB" in done.err


@pytest.mark.parametrize("missing", ["lldp", "ip-link", "links"])
def test_a_missing_output_is_named(program: Program, readings: Path, missing: str) -> None:
    (readings / missing).rename(readings / "elsewhere")
    done = check(program, readings)
    assert done.code == 2
    assert f"{readings / missing} cannot be read" in done.err


def test_a_status_that_a_check_cannot_have_is_refused(
    program: Program, script: Script, readings: Path
) -> None:
    script.on("CheckWiring", wiring_pb2.CheckWiringResponse(passed=True))
    done = check(program, readings)
    assert done.code == 1
    assert answer(readings)["issue"] == "BOOT-006\n"
