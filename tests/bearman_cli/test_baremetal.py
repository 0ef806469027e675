"""`bearman-cli baremetal list`, `show`, `wait` and `ssh`."""

import json
import os
from pathlib import Path
from typing import Any

import grpc
import pytest

from bearman_cli.baremetal_verbs import State
from protos.bearman.v1 import baremetal_pb2 as pb
from tests.bearman_cli.conftest import Program
from tests.bearman_cli.deploy_samples import (
    DEPLOYING,
    ERROR,
    INSTALLED,
    TO_ERROR,
    baremetal,
    failed,
    life,
)
from tests.bearman_cli.peer import Refusal, Script
from tests.bearman_cli.samples import SEEN
from tests.bearman_cli.test_hostile_text import CLEANED, HOSTILE, poisoned


def site(size: int) -> Any:
    """A ListBaremetals over so many; the page token is the index of the next one."""

    def answer(
        request: pb.ListBaremetalsRequest, context: grpc.ServicerContext
    ) -> pb.ListBaremetalsResponse:
        first = int(request.page_token or 0)
        last = min(first + (request.page_size or 100), size)
        return pb.ListBaremetalsResponse(
            baremetals=[baremetal(hostname=f"web-{number}") for number in range(first, last)],
            next_page_token=str(last) if last < size else "",
        )

    return answer


def test_people_get_a_row_for_each(program: Program, script: Script) -> None:
    script.on("ListBaremetals", site(2))
    done = program.run("baremetal", "list")
    assert done.code == 0
    title, first, _ = done.out.splitlines()
    assert title.split()[:5] == ["HOSTNAME", "STATE", "STEP", "SINCE", "ADDRESS"]
    assert first.split()[:6] == ["web-0", "INSTALLED", "-", "2026-05-28", "20:26:40", "10.20.0.5"]
    assert "ubuntu v3" in first


def test_programs_get_stable_keys(program: Program, script: Script) -> None:
    script.on("ListBaremetals", site(1))
    answer = json.loads(program.run("baremetal", "list", "--json").out)
    assert answer["more"] is False
    (listed,) = answer["baremetals"]
    assert set(listed) == {field.name for field in pb.Baremetal.DESCRIPTOR.fields}
    assert (listed["state"], listed["deadline"]) == ("INSTALLED", None)


def test_filters_reach_the_server(program: Program, script: Script) -> None:
    script.on("ListBaremetals", site(0))
    done = program.run(
        *("baremetal", "list", "--state", "deploying", "--state", "UNRECOVERABLE_ERROR"),
        *("--profile", "ubuntu", "--query", "10.20."),
    )
    assert "No baremetal fits." in done.err
    (request,) = script.requests
    assert list(request.states) == [DEPLOYING, ERROR]
    assert (request.profile, request.query) == ("ubuntu", "10.20.")


@pytest.mark.parametrize(
    ("options", "shown", "more"),
    [((), 100, True), (("--limit", "7"), 7, True), (("--all",), 1234, False)],
)
def test_as_many_are_shown_as_asked_for(
    program: Program, script: Script, options: tuple[str, ...], shown: int, more: bool
) -> None:
    script.on("ListBaremetals", site(1234))
    answer = json.loads(program.run("baremetal", "list", *options, "--json").out)
    assert [one["hostname"] for one in answer["baremetals"]] == [f"web-{n}" for n in range(shown)]
    assert answer["more"] is more


def test_the_states_are_those_of_the_protocol() -> None:
    names = {
        name.removeprefix("BAREMETAL_STATE_")
        for name in pb.BaremetalState.DESCRIPTOR.values_by_name
    }
    assert {state.value for state in State} == names - {"UNSPECIFIED"}


def test_one_is_shown_with_its_time_line_and_the_last_words_of_its_script(
    program: Program, script: Script
) -> None:
    script.on("GetBaremetal", pb.GetBaremetalResponse(baremetal=failed(), events=TO_ERROR))
    done = program.run("baremetal", "show", "web-1")
    assert done.code == 0
    assert script.requests[0].baremetal == "web-1"
    for words in (
        "UNRECOVERABLE_ERROR",
        "configure",
        "Mend the script and redeploy.",
        "10.20.0.5/24, 2001:db8::5/64",
        "ubuntu, version 3",
        "17 Dell Inc. PowerEdge R640 SN00017",
        "30.0 s",
        "E: no such disk",
    ):
        assert words in done.out, words


def test_programs_get_the_whole_answer(program: Program, script: Script) -> None:
    script.on("GetBaremetal", pb.GetBaremetalResponse(baremetal=failed(), events=TO_ERROR))
    answer = json.loads(program.run("baremetal", "show", "web-1", "--json").out)
    assert set(answer) == {"baremetal", "events"}
    assert answer["events"][2]["to_state"] == "UNRECOVERABLE_ERROR"


def test_one_that_is_unknown_is_code_5(program: Program, script: Script) -> None:
    script.on("GetBaremetal", Refusal(grpc.StatusCode.NOT_FOUND, "There is no baremetal `x`."))
    done = program.run("baremetal", "show", "x")
    assert (done.code, done.err) == (5, "bearman-cli: There is no baremetal `x`.\n")


def test_waiting_for_what_is_at_rest_tells_at_once_how_it_ended(
    program: Program, script: Script
) -> None:
    script.on("GetBaremetal", pb.GetBaremetalResponse(baremetal=failed(), events=TO_ERROR))
    done = program.run("baremetal", "wait", "web-1")
    assert (done.code, done.out) == (10, "")
    assert "E: no such disk" in done.err


def test_waiting_shows_what_happens_from_now_on(program: Program, script: Script) -> None:
    script.on("GetBaremetal", life(TO_ERROR, failed()))
    done = program.run("baremetal", "wait", "web-1")
    assert done.code == 10
    assert "Asked for by ada." not in done.out
    assert "It runs the install script." in done.out


# --- ssh ------------------------------------------------------------------------------------------


@pytest.fixture
def ssh(program: Program, tmp_path: Path) -> Path:
    """A stand-in for ssh that writes down its arguments and ends with 42."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "ssh").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 42\n')
    (folder / "ssh").chmod(0o755)
    program.environment["PATH"] = f"{folder}:{os.environ['PATH']}"
    return folder


@pytest.mark.usefixtures("ssh")
@pytest.mark.parametrize("address", ["10.20.0.5", "2001:db8::5"])
def test_ssh_gets_the_service_address_and_the_command_as_it_is(
    program: Program, script: Script, address: str
) -> None:
    known = baremetal(INSTALLED, service_address=address)
    script.on("GetBaremetal", pb.GetBaremetalResponse(baremetal=known))
    done = program.run("baremetal", "ssh", "web-1", "--", "ls", "-l", "$(reboot); a b")
    assert done.code == 42, "the exit code is that of ssh"
    assert done.out.splitlines() == ["--", f"root@{address}", "ls", "-l", "$(reboot); a b"]
    assert done.err == ""


@pytest.mark.usefixtures("ssh")
def test_ssh_into_what_is_not_installed_is_tried_with_a_word(
    program: Program, script: Script
) -> None:
    script.on("GetBaremetal", pb.GetBaremetalResponse(baremetal=failed()))
    done = program.run("baremetal", "ssh", "web-1")
    assert done.out.splitlines() == ["--", "root@10.20.0.5"]
    assert "web-1 is UNRECOVERABLE_ERROR: it may not answer." in done.err


@pytest.mark.usefixtures("ssh")
@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("", 6, "web-1 is DEPLOYING and has no service address."),
        ("-oProxyCommand=reboot", 1, "which is none."),
    ],
)
def test_ssh_without_an_address_says_why(
    program: Program, script: Script, address: str, code: int, words: str
) -> None:
    known = baremetal(DEPLOYING, service_address=address)
    script.on("GetBaremetal", pb.GetBaremetalResponse(baremetal=known))
    done = program.run("baremetal", "ssh", "web-1")
    assert (done.code, done.out) == (code, "")
    assert words in done.err


def test_a_machine_without_ssh_is_told_the_address(program: Program, script: Script) -> None:
    script.on("GetBaremetal", pb.GetBaremetalResponse(baremetal=baremetal()))
    done = program.run("baremetal", "ssh", "web-1", PATH="/nowhere")
    assert done.code == 2
    assert "Log in to root@10.20.0.5." in done.err


@pytest.mark.usefixtures("ssh")
def test_programs_get_the_command_line_and_nothing_runs(program: Program, script: Script) -> None:
    script.on("GetBaremetal", pb.GetBaremetalResponse(baremetal=baremetal()))
    done = program.run("baremetal", "ssh", "web-1", "--json", "--", "uptime")
    assert json.loads(done.out) == {
        "address": "10.20.0.5",
        "command": ["ssh", "--", "root@10.20.0.5", "uptime"],
    }


# --- hostile text -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "verb",
    [
        ("baremetal", "list"),
        ("baremetal", "show", "x"),
        ("baremetal", "wait", "x"),
        ("deploy", "17", "--wait"),
        ("release", "x", "--yes"),
    ],
)
@pytest.mark.parametrize("state", [INSTALLED, ERROR])
def test_text_from_a_hostile_machine_is_escaped(
    program: Program, script: Script, verb: tuple[str, ...], state: int
) -> None:
    row = poisoned(baremetal(state, reason="x", advice="x", step="x"))
    events = [poisoned(pb.BaremetalEvent(id=1, at=SEEN, kind="x", message="x", log_tail="x"))]
    script.on("Deploy", pb.DeployResponse(baremetal=row))
    script.on("Release", pb.ReleaseResponse(baremetal=row))
    script.on("ListBaremetals", pb.ListBaremetalsResponse(baremetals=[row]))
    script.on("GetBaremetal", pb.GetBaremetalResponse(baremetal=row, events=events))
    done = program.run(*verb)
    written = done.out + done.err
    assert HOSTILE not in written
    assert CLEANED.split(r"\r")[0] in written
    assert written.replace("\n", "").isprintable()
