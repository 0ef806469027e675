"""`bearman-cli image`: list, show, diff, promote, roll-back, delete."""

import json

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from protos.bearman.v1 import images_pb2 as pb
from tests.bearman_cli.conftest import Program
from tests.bearman_cli.peer import Refusal, Script
from tests.bearman_cli.test_hostile_text import HOSTILE, poisoned

MIB = 1024 * 1024
FILES = [
    pb.ImageFile(kind="kernel", name="vmlinuz", size=8 * MIB, sha256="a" * 64),
    pb.ImageFile(kind="root", name="filesystem.squashfs", size=120 * MIB, sha256="b" * 64),
    pb.ImageFile(kind="sbom", name="sbom.spdx.json", size=MIB, sha256="c" * 64),
]


def image(version: str = "2", *, current: bool = False) -> pb.Image:
    """A version of ubuntu-24.04."""
    return pb.Image(
        name="ubuntu-24.04",
        version=version,
        current=current,
        files=FILES,
        built_from="ubuntu-24.04 0123abc",
        built_at=Timestamp(seconds=1780000000),
        signed_by="0123456789abcdef",
        packages=412,
        profiles=["web", "db"],
        machines=3,
    )


def concerned(number: int = 1) -> pb.PromoteImageResponse:
    """What a promotion concerns."""
    machines = [
        pb.ConcernedMachine(hostname=f"web-{n}", state="INSTALLED", boots="ubuntu-24.04/1")
        for n in range(number)
    ]
    return pb.PromoteImageResponse(
        image=image(), before="ubuntu-24.04/1", profiles=["web", "db"], machines=machines
    )


CHANGES = pb.DiffImagesResponse(
    before="ubuntu-24.04/1",
    after="ubuntu-24.04/2",
    packages=[
        pb.PackageChange(name="bash", before="5.2-1", after="5.2-2"),
        pb.PackageChange(name="curl", after="8.5"),
        pb.PackageChange(name="nano", before="7.2"),
    ],
    growth=3 * MIB,
)


def test_versions_are_listed_with_what_uses_them(program: Program, script: Script) -> None:
    script.on("ListImages", pb.ListImagesResponse(images=[image(current=True), image("1")]))
    done = program.run("image", "list", "ubuntu-24.04")
    assert done.code == 0
    assert script.requests[0].name == "ubuntu-24.04"
    _, first, second = done.out.splitlines()
    assert "ubuntu-24.04  2        current  128 MiB" in first
    assert "0123456789abcdef  412       web db    3" in first
    assert second.split()[:3] == ["ubuntu-24.04", "1", "-"]


def test_no_images_are_no_error_and_say_how_to_get_one(program: Program, script: Script) -> None:
    script.on("ListImages", pb.ListImagesResponse())
    done = program.run("image", "list")
    assert (done.code, done.out) == (0, "")
    assert "There are no images yet." in done.err
    assert "python -m image_builder build RECIPE --publish" in done.err


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_an_image_that_nobody_knows_is_not_found(
    program: Program, script: Script, options: tuple[str, ...]
) -> None:
    script.on("ListImages", pb.ListImagesResponse())
    done = program.run("image", "list", "ubuntu", *options)
    assert done.code == 5
    assert "There is no image 'ubuntu'." in done.err + done.out
    assert "image_builder" not in done.err


def test_a_version_is_shown_with_its_files(program: Program, script: Script) -> None:
    script.on("GetImage", pb.GetImageResponse(image=image(), manifest="{}\n"))
    done = program.run("image", "show", "ubuntu-24.04/2")
    assert (script.requests[0].name, script.requests[0].version) == ("ubuntu-24.04", "2")
    assert "Signed by   0123456789abcdef" in done.out
    assert "b" * 64 in done.out
    shown = json.loads(program.run("image", "show", "ubuntu-24.04", "--json").out)
    assert (shown["image"]["packages"], shown["manifest"]) == (412, "{}\n")


def test_packages_are_compared_and_counted(program: Program, script: Script) -> None:
    script.on("DiffImages", CHANGES)
    done = program.run("image", "diff", "ubuntu-24.04/1")
    assert (script.requests[0].before, script.requests[0].after) == (
        "ubuntu-24.04/1",
        "ubuntu-24.04",
    )
    assert done.out.splitlines()[1].split() == ["bash", "changed", "5.2-1", "5.2-2"]
    assert "1 added, 1 removed, 1 changed from ubuntu-24.04/1 to ubuntu-24.04/2." in done.err
    assert "It is 3 MiB larger." in done.err


def test_two_versions_with_the_same_packages_say_so(program: Program, script: Script) -> None:
    script.on("DiffImages", pb.DiffImagesResponse(before="a/1", after="a/2"))
    done = program.run("image", "diff", "a/1", "a/2")
    assert (done.code, done.out) == (0, "")
    assert "Nothing changes from a/1 to a/2" in done.err


def test_promoting_says_whom_it_concerns_before_it_is_done(
    program: Program, script: Script
) -> None:
    script.on("PromoteImage", concerned(25))
    done = program.run("image", "promote", "ubuntu-24.04/2", "--yes")
    assert (done.code, done.out) == (0, "ubuntu-24.04/2 is the current version.\n")
    assert [request.dry_run for request in script.requests] == [True, False]
    assert "ubuntu-24.04/2 becomes current in place of ubuntu-24.04/1." in done.err
    assert "Profiles that follow: web, db." in done.err
    assert "25 machines keep what they boot" in done.err
    assert "  web-0  INSTALLED  ubuntu-24.04/1" in done.err
    assert "  and 5 more" in done.err


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_nothing_is_promoted_unasked(
    program: Program, script: Script, options: tuple[str, ...]
) -> None:
    script.on("PromoteImage", concerned())
    done = program.run("image", "promote", "ubuntu-24.04/2", *options)
    assert done.code == (0 if options else 2)
    assert [request.dry_run for request in script.requests] == [True]


def test_what_is_current_need_not_be_promoted(program: Program, script: Script) -> None:
    script.on("PromoteImage", pb.PromoteImageResponse(image=image(current=True)))
    done = program.run("image", "promote", "ubuntu-24.04/2")
    assert (done.code, done.out) == (0, "ubuntu-24.04/2 is the current version already.\n")


def test_a_version_must_be_named(program: Program) -> None:
    for verb in ("promote", "delete"):
        done = program.run("image", verb, "ubuntu-24.04")
        assert done.code == 2
        assert "'ubuntu-24.04' is no NAME/VERSION." in done.err


def test_rolling_back_names_the_version_that_was_seen(program: Program, script: Script) -> None:
    script.on("RollBackImage", pb.RollBackImageResponse(promoted=concerned()))
    done = program.run("image", "roll-back", "ubuntu-24.04", "--yes", "--json")
    assert done.code == 0
    assert json.loads(done.out)["before"] == "ubuntu-24.04/1"
    assert [(request.dry_run, request.to) for request in script.requests] == [
        (True, ""),
        (False, "2"),
    ]


def test_where_there_was_none_before_it_is_code_6(program: Program, script: Script) -> None:
    words = "No version of a was current before 1."
    script.on("RollBackImage", Refusal(grpc.StatusCode.FAILED_PRECONDITION, words, issue="IMG-007"))
    done = program.run("image", "roll-back", "a", "--json")
    assert (done.code, script.requests[0].dry_run) == (6, True)
    assert words in done.err
    assert "IMG-007" in done.err


def test_a_version_is_deleted_when_that_is_meant(program: Program, script: Script) -> None:
    script.on("GetImage", pb.GetImageResponse(image=image("1")))
    script.on("DeleteImage", pb.DeleteImageResponse())
    assert program.run("image", "delete", "ubuntu-24.04/1").code == 2
    done = program.run("image", "delete", "ubuntu-24.04/1", "--yes")
    assert (done.code, done.out) == (0, "ubuntu-24.04/1 is deleted.\n")
    assert (script.requests[-1].name, script.requests[-1].version) == ("ubuntu-24.04", "1")


@pytest.mark.parametrize(
    ("verb", "method", "answer"),
    [
        (("list",), "ListImages", pb.ListImagesResponse(images=[image()])),
        (("show", "x"), "GetImage", pb.GetImageResponse(image=image())),
        (("diff", "x", "y"), "DiffImages", CHANGES),
        (("promote", "x/1", "--yes"), "PromoteImage", concerned()),
        (
            ("roll-back", "x", "--yes"),
            "RollBackImage",
            pb.RollBackImageResponse(promoted=concerned()),
        ),
    ],
)
def test_hostile_text_is_escaped(
    program: Program, script: Script, verb: tuple[str, ...], method: str, answer: Message
) -> None:
    copy = type(answer)()
    copy.CopyFrom(answer)
    script.on(method, poisoned(copy))
    done = program.run("image", *verb)
    written = done.out + done.err
    assert done.code == 0
    assert HOSTILE not in written
    assert written.replace("\n", "").isprintable()
