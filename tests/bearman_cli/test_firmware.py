"""`bearman-cli firmware-plan` and `firmware-report`: what is sent, and what a shell gets."""

from pathlib import Path

import pytest

from protos.bearman.v1 import firmware_pb2, nodes_pb2
from tests.bearman_cli.conftest import Outcome, Program
from tests.bearman_cli.peer import Script

SHA256 = "ab" * 32
REGISTERING = nodes_pb2.NODE_STATUS_REGISTERING


def update(**values: object) -> firmware_pb2.FirmwareUpdate:
    """A BIOS update, with some values changed."""
    fields: dict[str, object] = {
        "id": 31,
        "component": "bios",
        "title": "BIOS of PowerEdge R640",
        "from_version": "2.8.1",
        "wanted_version": "2.10.2",
        "tool": "vendor",
        "artefact": nodes_pb2.BootFile(
            url="http://10.0.0.1:8001/f/BIOS.BIN?X-Sig=a%2Fb", size=12, sha256=SHA256
        ),
        "arguments": ["-q", "--reason=it is behind; $(reboot)"],
        "read_with": "dmidecode",
        "reboot": True,
        "timeout_seconds": 600,
    }
    return firmware_pb2.FirmwareUpdate(**(fields | values))  # type: ignore[arg-type]


def planned(*updates: firmware_pb2.FirmwareUpdate) -> firmware_pb2.PlanFirmwareResponse:
    """A plan with these updates."""
    return firmware_pb2.PlanFirmwareResponse(passed=True, status=REGISTERING, updates=updates)


def plan(program: Program, folder: Path, *arguments: str) -> Outcome:
    """Run the verb on outputs that it writes first."""
    names = ("dmidecode", "lsblk", "ip-link", "mc-info")
    for name in names:
        (folder / name).write_text(f"what {name} printed\n")
    files = [word for name in names for word in (f"--{name}", str(folder / name))]
    return program.run("firmware-plan", *files, "--output-dir", str(folder / "answer"), *arguments)


def answer(folder: Path) -> dict[str, str]:
    """What a shell finds, by paths below the folder."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_each_update_is_a_folder_in_its_order(
    program: Program, script: Script, tmp_path: Path
) -> None:
    nic = update(id=32, component="nic", target="eno1", tool="mstflint", read_with="ethtool")
    script.on("PlanFirmware", planned(update(), nic))
    done = plan(program, tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Update 31: BIOS of PowerEdge R640 from 2.8.1 to 2.10.2.\n")
    (request,) = script.requests
    assert request.mc_info == b"what mc-info printed\n"
    assert request.inventory.ip_link == b"what ip-link printed\n"
    found = answer(tmp_path / "answer")
    assert found["status"] == "REGISTERING\n"
    assert found["updates/002/target"] == "eno1\n"
    first = {k.removeprefix("updates/001/"): v for k, v in found.items() if "/001/" in k}
    assert first == {
        "id": "31\n",
        "component": "bios\n",
        "target": "",
        "title": "BIOS of PowerEdge R640\n",
        "from_version": "2.8.1\n",
        "wanted_version": "2.10.2\n",
        "tool": "vendor\n",
        "artefact_url": "http://10.0.0.1:8001/f/BIOS.BIN?X-Sig=a%2Fb\n",
        "artefact_sha256": f"{SHA256}\n",
        "artefact_size": "12\n",
        "arguments": "-q\n--reason=it is behind; $(reboot)\n",
        "read_with": "dmidecode\n",
        "read_first": "false\n",
        "reboot": "true\n",
        "timeout_seconds": "600\n",
    }


def test_an_older_plan_is_taken_away(program: Program, script: Script, tmp_path: Path) -> None:
    script.on("PlanFirmware", planned(update(), update(id=32)), planned())
    plan(program, tmp_path)
    done = plan(program, tmp_path)
    assert (done.code, done.out) == (0, "The firmware is as it should be.\n")
    assert not [name for name in answer(tmp_path / "answer") if name.startswith("updates/")]


def test_a_plan_that_ends_the_registration_is_code_12(
    program: Program, script: Script, tmp_path: Path
) -> None:
    ended = firmware_pb2.PlanFirmwareResponse(
        status=nodes_pb2.NODE_STATUS_REGISTER_FAILED,
        reason="The BIOS was updated and still is 2.8.1.",
        advice="Update it by hand.",
        issue="FW-004",
    )
    script.on("PlanFirmware", ended)
    assert plan(program, tmp_path).code == 12
    found = answer(tmp_path / "answer")
    assert (found["issue"], found["passed"]) == ("FW-004\n", "false\n")


@pytest.mark.parametrize(
    "values",
    [
        {"id": 0},
        {"component": "cpu"},
        {"target": "-eno1"},
        {"target": "a/../b"},
        {"tool": "sh"},
        {"artefact": nodes_pb2.BootFile(url="file:///etc/shadow", size=1, sha256=SHA256)},
        {"artefact": nodes_pb2.BootFile(url='http://x/"', size=1, sha256=SHA256)},
        {"artefact": nodes_pb2.BootFile(url="http://x/y", size=0, sha256=SHA256)},
        {"artefact": nodes_pb2.BootFile(url="http://x/y", size=1, sha256="abc")},
        {"artefact": None},
        {"arguments": ["two\nlines"]},
        {"arguments": [""]},
        {"arguments": ["\x1b[2J"]},
        {"arguments": ["x"] * 65},
        {"read_with": "cat"},
        {"read_with": "ethtool"},
        {"timeout_seconds": 0},
        {"timeout_seconds": 86401},
    ],
)
def test_an_update_that_a_shell_must_not_see_is_refused(
    program: Program, script: Script, tmp_path: Path, values: dict[str, object]
) -> None:
    script.on("PlanFirmware", planned(update(**values)))
    done = plan(program, tmp_path)
    assert done.code == 1
    assert set(answer(tmp_path / "answer")) == {"reason", "advice", "issue"}


def test_a_command_needs_no_artefact(program: Program, script: Script, tmp_path: Path) -> None:
    script.on("PlanFirmware", planned(update(tool="command", artefact=None)))
    assert plan(program, tmp_path).code == 0
    assert answer(tmp_path / "answer")["updates/001/artefact_url"] == ""


def report(program: Program, folder: Path, *arguments: str) -> Outcome:
    """Report on update 31."""
    return program.run("firmware-report", "31", "--output-dir", str(folder), *arguments)


def test_a_report_says_what_the_tool_did(program: Program, script: Script, tmp_path: Path) -> None:
    script.on(
        "ReportFirmware", firmware_pb2.ReportFirmwareResponse(passed=True, status=REGISTERING)
    )
    (tmp_path / "log").write_text("erasing\nfailed\n")
    (tmp_path / "reading").write_bytes(b"x" * 70_000)
    answers = tmp_path / "answer"
    done = report(
        program,
        answers,
        *("--outcome", "failed", "--exit-code", "124"),
        *("--log-tail", str(tmp_path / "log"), "--reading", str(tmp_path / "reading")),
    )
    assert (done.code, done.out) == (0, "Noted.\n")
    (request,) = script.requests
    assert (request.update_id, request.exit_code) == (31, 124)
    assert request.outcome == firmware_pb2.FIRMWARE_OUTCOME_FAILED
    assert request.log_tail == "erasing\nfailed\n"
    assert len(request.reading) == 64 * 1024
    assert answer(answers)["apply"] == "false\n"


@pytest.mark.parametrize("apply", [True, False])
def test_the_answer_says_whether_the_tool_is_to_run(
    program: Program, script: Script, tmp_path: Path, apply: bool
) -> None:
    script.on(
        "ReportFirmware",
        firmware_pb2.ReportFirmwareResponse(apply=apply, passed=True, status=REGISTERING),
    )
    assert report(program, tmp_path / "answer", "--outcome", "read").code == 0
    assert answer(tmp_path / "answer")["apply"] == f"{str(apply).lower()}\n"


def test_a_report_that_ends_the_registration_is_code_12(
    program: Program, script: Script, tmp_path: Path
) -> None:
    script.on(
        "ReportFirmware",
        firmware_pb2.ReportFirmwareResponse(
            status=nodes_pb2.NODE_STATUS_REGISTER_FAILED, reason="It lies.", issue="FW-004"
        ),
    )
    done = report(program, tmp_path / "answer", "--outcome", "applied")
    assert (done.code, done.err) == (12, "bearman-cli: It lies.\n")
    assert answer(tmp_path / "answer")["reason"] == "It lies.\n"
