"""`bearman-cli deploy`, `redeploy` and `release`: requests, progress, ends and exit codes."""

import json
import os
import pty
import re
import signal
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import pytest

from protos.bearman.v1 import baremetal_pb2 as pb
from tests.bearman_cli.conftest import Program
from tests.bearman_cli.deploy_samples import (
    DEPLOYING,
    ERROR,
    INSTALLED,
    RELEASED,
    RELEASING,
    START,
    TO_ERROR,
    TO_INSTALLED,
    UNCHANGED,
    baremetal,
    event,
    failed,
    life,
)
from tests.bearman_cli.peer import Refusal, Script

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJn2hN ada@example"
BEGUN = pb.DeployResponse(baremetal=baremetal(START, step="prepare"))


@pytest.fixture(autouse=True)
def answers(script: Script) -> None:
    script.on("Deploy", BEGUN)
    script.on("GetBaremetal", life(TO_INSTALLED, baremetal(INSTALLED)))


def requests(script: Script, kind: type) -> list[Any]:
    return [request for request in script.requests if isinstance(request, kind)]


def test_what_was_typed_reaches_the_server_with_a_number_of_its_own(
    program: Program, script: Script, tmp_path: Path
) -> None:
    (tmp_path / "keys").write_text(f"# those on duty\n{KEY}\n\n{KEY}\n")
    options = ("--profile", "ubuntu", "--hostname", "web-1", "--ssh-key", str(tmp_path / "keys"))
    for _ in range(2):
        done = program.run("deploy", "SN00017", *options)
    first, second = requests(script, pb.DeployRequest)
    assert (first.node, first.profile, first.hostname) == ("SN00017", "ubuntu", "web-1")
    assert list(first.ssh_keys) == [KEY]
    assert UUID(first.request_id).version == 4
    assert first.request_id != second.request_id
    assert done.code == 0
    assert (
        "web-1 (10.20.0.5, ubuntu, Dell Inc. PowerEdge R640 SN00017) is DEPLOY_START." in done.out
    )
    assert "`bearman-cli baremetal wait web-1`" in done.err


def test_a_retry_says_the_same_number(program: Program, script: Script) -> None:
    script.on("Deploy", Refusal(grpc.StatusCode.UNAVAILABLE, "Going down."), BEGUN)
    assert program.run("deploy", "17").code == 0
    first, second = requests(script, pb.DeployRequest)
    assert first == second


def test_waiting_shows_each_event_with_its_time_and_each_step_with_its_duration(
    program: Program,
) -> None:
    done = program.run("deploy", "17", "--wait")
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        "2026-05-28 20:26:40         +0.0 s  DEPLOY_START  power_on  Asked for by ada.",
        "2026-05-28 20:26:54        +14.2 s  progress  stage_one  It asked what to boot."
        "  (power_on took 14.2 s)",
        "2026-05-28 20:27:54    +1 min 14 s  DEPLOYING  kexec  It fetches the system."
        "  (stage_one took 1 min 0 s)",
        "2026-05-28 20:30:00    +3 min 20 s  INSTALLED  It says that it is installed."
        "  (kexec took 2 min 6 s)",
        "web-1 (10.20.0.5, ubuntu, Dell Inc. PowerEdge R640 SN00017) is INSTALLED: "
        "log in with `bearman-cli baremetal ssh web-1`.",
    ]


def test_each_event_is_asked_for_once(program: Program, script: Script) -> None:
    program.run("deploy", "17", "--wait")
    asked = requests(script, pb.GetBaremetalRequest)
    assert [request.baremetal for request in asked] == ["7"] * 4
    assert [request.after_event for request in asked] == [0, 101, 102, 103]


def test_an_error_is_code_10_with_step_reason_advice_and_the_last_lines(
    program: Program, script: Script
) -> None:
    script.on("GetBaremetal", life(TO_ERROR, failed()))
    done = program.run("deploy", "17", "--wait")
    assert done.code == 10
    assert done.err.splitlines() == [
        "bearman-cli: the last lines of what failed:",
        "  one",
        "  two",
        "  E: no such disk",
        "bearman-cli: web-1 is UNRECOVERABLE_ERROR in step configure: "
        "The install script ended with 3. Mend the script and redeploy.",
    ]


def test_programs_get_one_object_and_events_on_stderr(program: Program, script: Script) -> None:
    script.on("GetBaremetal", life(TO_ERROR, failed()))
    done = program.run("deploy", "17", "--wait", "--json")
    assert done.code == 10
    answer = json.loads(done.out)
    assert answer["state"] == "UNRECOVERABLE_ERROR"
    assert answer["installed_at"] is None
    assert answer["addresses"] == ["10.20.0.5/24", "2001:db8::5/64"]
    *events, error = [json.loads(line) for line in done.err.splitlines()]
    assert [one["event"]["to_state"] for one in events] == [
        "DEPLOY_START",
        "DEPLOYING",
        "UNRECOVERABLE_ERROR",
    ]
    assert events[-1]["event"]["log_tail"] == "one\ntwo\nE: no such disk"
    assert error["error"]["name"] == "FAILED"


def test_programs_that_do_not_wait_get_the_row(program: Program) -> None:
    done = program.run("deploy", "17", "--json")
    assert json.loads(done.out)["step"] == "prepare"
    assert done.err == ""


def test_a_deployment_that_somebody_releases_is_no_success(
    program: Program, script: Script
) -> None:
    released = baremetal(RELEASED, reason="Released by bob.")
    script.on("GetBaremetal", life((event(1, 0, RELEASED, "", "Released."),), released))
    done = program.run("deploy", "17", "--wait")
    assert done.code == 10
    assert done.err.endswith("web-1 is RELEASED: Released by bob.\n")


def test_the_time_for_waiting_ends_the_waiting_only(program: Program, script: Script) -> None:
    script.on("GetBaremetal", pb.GetBaremetalResponse(baremetal=baremetal(DEPLOYING)))
    done = program.run("deploy", "17", "--timeout-wait", "1.5")
    assert done.code == 11
    assert "web-1 is DEPLOYING after 1.5 s. Nothing was stopped" in done.err


def test_ctrl_c_leaves_the_deployment_running_and_says_so(program: Program, script: Script) -> None:
    script.on("GetBaremetal", pb.GetBaremetalResponse(baremetal=baremetal(DEPLOYING)))
    running = program.start("deploy", "17", "--wait")
    while len(requests(script, pb.GetBaremetalRequest)) < 2:  # it has the answer to the first
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, complaint = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "web-1 is DEPLOYING and goes on. Nothing was stopped" in complaint.decode()
    assert not requests(script, pb.ReleaseRequest)


def test_a_server_that_restarts_while_we_wait_is_found_again(
    program: Program, script: Script
) -> None:
    away = Refusal(grpc.StatusCode.UNAVAILABLE, "Going down.")
    script.on("GetBaremetal", away, life(TO_INSTALLED, baremetal(INSTALLED)))
    done = program.run("deploy", "17", "--wait")
    assert done.code == 0
    assert "Going down" in done.err


@pytest.mark.parametrize(
    ("status", "code"),
    [("NOT_FOUND", 5), ("FAILED_PRECONDITION", 6), ("RESOURCE_EXHAUSTED", 9)],
)
def test_a_refusal_is_told_in_the_words_of_the_server(
    program: Program, script: Script, status: str, code: int
) -> None:
    script.on("Deploy", Refusal(grpc.StatusCode[status], "Node 17 is IN_USE: bob was first."))
    done = program.run("deploy", "17", "--wait")
    assert (done.code, done.out) == (code, "")
    assert done.err == "bearman-cli: Node 17 is IN_USE: bob was first.\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\n", "is a private key. Nothing was sent. Give"),
        ("# nothing\n", "holds no SSH key."),
        ('command="x" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5', "holds a line that is no public SSH key"),
        ("x" * 70_000, "is too large"),
    ],
)
def test_only_public_keys_are_sent(
    program: Program, script: Script, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "id").write_text(text)
    done = program.run("deploy", "17", "--ssh-key", str(tmp_path / "id"))
    assert done.code == 2
    assert words in done.err
    assert not script.requests


def test_a_key_file_that_is_not_there_is_code_2(program: Program) -> None:
    assert program.run("deploy", "17", "--ssh-key", "/nowhere").code == 2


# --- release and redeploy -----------------------------------------------------------------------

OLD = (event(90, 0, INSTALLED, "", "Old."),)


def known(state: int = INSTALLED) -> pb.GetBaremetalResponse:
    return pb.GetBaremetalResponse(baremetal=baremetal(state), events=OLD)


@pytest.fixture
def releases(script: Script) -> None:
    script.on("Release", pb.ReleaseResponse(baremetal=baremetal(RELEASING, step="power_off")))
    off = event(91, 5, RELEASED, "", "It is off.")
    script.on("GetBaremetal", known(), life((*OLD, off), baremetal(RELEASED)))


@pytest.mark.usefixtures("releases")
def test_a_release_names_its_number_and_follows_only_what_is_new(
    program: Program, script: Script
) -> None:
    done = program.run("release", "web-1", "--yes", "--wait")
    assert done.code == 0, done.err
    assert [request.baremetal for request in requests(script, pb.ReleaseRequest)] == ["7"]
    assert "Old." not in done.out
    assert "It is off." in done.out
    assert done.out.endswith("is RELEASED.\n")


@pytest.mark.usefixtures("releases")
@pytest.mark.parametrize("verb", ["release", "redeploy"])
def test_without_a_terminal_and_yes_nothing_is_done(
    program: Program, script: Script, verb: str
) -> None:
    done = program.run(verb, "web-1")
    assert done.code == 2
    assert "Give --yes" in done.err
    assert not requests(script, pb.ReleaseRequest)
    assert not requests(script, pb.RedeployRequest)


def answered(program: Program, answer: bytes, *arguments: str) -> tuple[int, str]:
    """Run at a terminal, type the answer; exit code and all that was written to stderr."""
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    done = program.start_at(theirs, *arguments)
    os.close(theirs)
    _, complaint = done.communicate(timeout=20)
    os.close(ours)
    return done.returncode, complaint.decode()


@pytest.mark.usefixtures("releases")
@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 130), (b"\n", 130)])
def test_at_a_terminal_the_question_names_the_machine(
    program: Program, script: Script, answer: bytes, code: int
) -> None:
    ended, written = answered(program, answer, "release", "web-1")
    assert ended == code
    assert "Switch off web-1 (10.20.0.5, ubuntu, INSTALLED) on Dell Inc. PowerEdge" in written
    assert len(requests(script, pb.ReleaseRequest)) == (code == 0)


def test_what_is_being_released_is_not_asked_about_again(program: Program, script: Script) -> None:
    script.on("GetBaremetal", known(RELEASING))
    script.on("Release", pb.ReleaseResponse(baremetal=baremetal(RELEASING)))
    assert program.run("release", "web-1").code == 0


def test_a_release_that_fails_is_code_10(program: Program, script: Script) -> None:
    script.on("Release", pb.ReleaseResponse(baremetal=baremetal(RELEASING)))
    stuck = baremetal(ERROR, step="power_off", reason="Its BMC is silent")
    script.on("GetBaremetal", known(), pb.GetBaremetalResponse(baremetal=stuck))
    done = program.run("release", "web-1", "--yes", "--wait")
    assert done.code == 10
    assert "in step power_off: Its BMC is silent.\n" in done.err


def test_a_redeployment_keeps_the_row_and_forgets_its_old_events(
    program: Program, script: Script
) -> None:
    script.on("Redeploy", pb.RedeployResponse(baremetal=baremetal(START)))
    script.on("GetBaremetal", known(), life((*OLD, *TO_INSTALLED), baremetal(INSTALLED)))
    done = program.run("redeploy", "web-1", "--profile", "debian", "--yes", "--wait")
    assert done.code == 0, done.err
    (request,) = requests(script, pb.RedeployRequest)
    assert (request.baremetal, request.profile) == ("7", "debian")
    assert UUID(request.request_id).version == 4
    assert "Old." not in done.out


# --- on a terminal --------------------------------------------------------------------------------


def test_a_terminal_shows_one_line_that_lives_and_leaves_none_behind(
    program: Program, script: Script
) -> None:
    going = event(1, 0, UNCHANGED, "kexec", "It fetches \x1b[2Jthe system.")
    done = event(2, 9, INSTALLED, "", "Done.")
    script.on("GetBaremetal", life((going, done), baremetal(INSTALLED)))
    ours, theirs = pty.openpty()
    process = program.start(
        "deploy", "17", "--wait", stdout=theirs, TERM="xterm", COLUMNS="40", NO_COLOR="1"
    )
    os.close(theirs)
    process.communicate(timeout=20)
    written = os.read(ours, 65536).decode()
    os.close(ours)
    live = [text for text in re.split(r"\r\x1b\[K", written) if text.startswith("web-1: ")]
    assert live
    assert max(map(len, live)) <= 39
    assert r"It fetches \x1b[2Jthe system." in written
    assert re.search(r"\r\x1b\[K[^\r]*Done\.", written)
