"""`bearman-cli profile list`, `show` and `render`."""

import json

import grpc
import pytest
from google.protobuf.message import Message

from protos.bearman.v1 import profiles_pb2 as pb
from tests.bearman_cli.conftest import Program
from tests.bearman_cli.deploy_samples import profile
from tests.bearman_cli.peer import Refusal, Script
from tests.bearman_cli.test_hostile_text import HOSTILE, poisoned

WHOLE = pb.GetProfileResponse(
    profile=profile(),
    install_script="#!/bin/sh\nset -eu\n\techo done\n",
    config_body="#cloud-config\nhostname: {{ hostname }}\n",
)
RENDERED = pb.RenderProfileResponse(
    append="console=ttyS0 hostname=web-1",
    files=[pb.RenderedFile(name="user-data", text="#cloud-config\nhostname: web-1\n")],
    checker="cloud-init schema",
)


def test_people_get_a_row_for_each_profile(program: Program, script: Script) -> None:
    script.on("ListProfiles", pb.ListProfilesResponse(profiles=[profile(), pb.Profile(name="raw")]))
    done = program.run("profile", "list")
    assert done.code == 0
    title, first, second = done.out.splitlines()
    assert title.split() == ["PROFILE", "VERSION", "FORMAT", "IMAGE", "SIZE", "MACHINES", "NOTES"]
    assert "noble/2026.05 (held)  700 MiB  12" in first
    assert second.split() == ["raw", "0", "-", "-", "-", "0", "-"]


def test_programs_get_stable_keys(program: Program, script: Script) -> None:
    script.on("ListProfiles", pb.ListProfilesResponse(profiles=[profile()]))
    answer = json.loads(program.run("profile", "list", "--json").out)
    (listed,) = answer["profiles"]
    assert set(listed) == {field.name for field in pb.Profile.DESCRIPTOR.fields}
    assert listed["image"]["built_at"] == "2026-05-28T20:26:40.123Z"


def test_no_profiles_are_no_error(program: Program, script: Script) -> None:
    script.on("ListProfiles", pb.ListProfilesResponse())
    done = program.run("profile", "list")
    assert (done.code, done.out) == (0, "")
    assert "There are no profiles yet." in done.err


def test_one_is_shown_with_its_script_and_configuration(program: Program, script: Script) -> None:
    script.on("GetProfile", WHOLE)
    done = program.run("profile", "show", "ubuntu")
    assert done.code == 0
    assert script.requests[0].name == "ubuntu"
    assert "Configuration\n#cloud-config\nhostname: {{ hostname }}\n" in done.out
    assert "Install script\n#!/bin/sh\nset -eu\n        echo done\n" in done.out
    assert json.loads(program.run("profile", "show", "ubuntu", "--json").out)["install_script"] == (
        WHOLE.install_script
    )


def test_a_profile_is_rendered_for_a_node(program: Program, script: Script) -> None:
    script.on("RenderProfile", RENDERED)
    done = program.run("profile", "render", "ubuntu", "--node", "SN00017")
    assert done.code == 0
    (request,) = script.requests
    assert (request.name, request.node) == ("ubuntu", "SN00017")
    assert done.out == (
        "Kernel command line:\nconsole=ttyS0 hostname=web-1\n"
        "\nuser-data:\n#cloud-config\nhostname: web-1\n"
    )
    assert done.err == "bearman-cli: cloud-init schema finds nothing wrong.\n"


def test_what_nobody_checked_is_told(program: Program, script: Script) -> None:
    unchecked = pb.RenderProfileResponse(files=RENDERED.files)
    script.on("RenderProfile", unchecked)
    assert "nobody has checked it" in program.run("profile", "render", "p", "--node", "1").err


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_the_checker_refuses_is_shown_and_is_code_6(
    program: Program, script: Script, options: tuple[str, ...]
) -> None:
    wrong = pb.RenderProfileResponse(problems=["line 2: bad", "line 3: worse"])
    wrong.MergeFrom(RENDERED)
    script.on("RenderProfile", wrong)
    done = program.run("profile", "render", "ubuntu", "--node", "17", *options)
    assert done.code == 6
    assert (
        "ubuntu cannot be deployed on 17: line 2: bad (cloud-init schema). And 1 more." in done.err
    )
    assert "hostname: web-1" in done.out


def test_a_profile_that_is_unknown_is_code_5(program: Program, script: Script) -> None:
    script.on("GetProfile", Refusal(grpc.StatusCode.NOT_FOUND, "There is no profile `x`."))
    done = program.run("profile", "show", "x")
    assert (done.code, done.err) == (5, "bearman-cli: There is no profile `x`.\n")


@pytest.mark.parametrize(
    ("verb", "method", "answer"),
    [
        (("list",), "ListProfiles", pb.ListProfilesResponse(profiles=[profile()])),
        (("show", "x"), "GetProfile", WHOLE),
        (("render", "x", "--node", "1"), "RenderProfile", RENDERED),
    ],
)
def test_hostile_text_is_escaped(
    program: Program, script: Script, verb: tuple[str, ...], method: str, answer: Message
) -> None:
    copy = type(answer)()
    copy.CopyFrom(answer)
    script.on(method, poisoned(copy))
    done = program.run("profile", *verb)
    written = done.out + done.err
    assert done.code == 0
    assert HOSTILE not in written
    assert written.replace("\n", "").isprintable()
