"""Builds in a real LXD: the same bytes twice, and nothing left behind however they end."""

import json
import os
import signal
import subprocess

import pytest

from image_builder import store
from tests.images.build import IN_LXD
from tests.images.builder import FAIL, TASKS, WAIT, Builder, traces

pytestmark = IN_LXD


def built_twice(builder: Builder) -> list[store.Stored]:
    """Two builds of the same inputs: an archive that is updated in between is another input."""
    made: list[store.Stored] = []
    while len(made) < 2 or _inputs(made[-2]) != _inputs(made[-1]):
        version = str(len(made) + 1)
        code, output = builder.run("build", "tiny", "--force", "--version", version)
        assert code == 0, output
        made.append(store.find(builder.folder / "images", f"tiny/{version}"))
    return made[-2:]


def _inputs(made: store.Stored) -> object:
    return made.manifest.more["inputs"]


def test_two_builds_give_the_same_bytes_and_a_third_is_not_needed(builder: Builder) -> None:
    first, second = built_twice(builder)
    assert first.manifest.files == second.manifest.files
    code, output = builder.run("build", "tiny", "--json")
    assert code == 0
    assert json.loads(output.splitlines()[-1])["built"] is False
    listing = subprocess.run(
        ["unsquashfs", "-lln", str(first.path("root")), "etc", "var/log"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "/etc/machine-id" in listing
    assert "ssh_host" not in listing
    assert "bearman-build" not in listing
    assert builder.left() == []


def test_a_task_that_fails_is_told_with_its_output_and_nothing_is_left(builder: Builder) -> None:
    builder.tasks(*TASKS, FAIL)
    code, output = builder.run("build", "tiny")
    assert code == 10
    assert "The task 'tiny : Fail on purpose' failed." in output
    assert "out of luck" in output
    assert builder.left() == []
    assert store.versions(builder.folder / "images") == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_build_and_nothing_is_left(
    builder: Builder, number: signal.Signals
) -> None:
    before = traces()
    builder.tasks(WAIT)
    process = builder.start("build", "tiny")
    builder.wait_for_task(process, "Wait for the test")
    process.send_signal(number)
    output, _ = process.communicate(timeout=90)
    assert process.returncode == 130, output
    assert "everything was cleared away" in output
    assert builder.left() == []
    assert traces() == before


def test_what_a_killed_build_left_is_cleared(builder: Builder) -> None:
    before = traces()
    builder.tasks(WAIT)
    process = builder.start("build", "tiny")
    builder.wait_for_task(process, "Wait for the test")
    process.kill()
    process.communicate()
    assert builder.left() != []
    builder.tasks(*TASKS)
    code, output = builder.run("build", "tiny")
    assert code == 0, output
    assert builder.left() == []
    assert traces() == before


def test_two_builds_side_by_side_do_not_collide(builder: Builder) -> None:
    before = traces()
    both = [builder.start("build", "tiny", "--force", "--version", each) for each in ("1", "2")]
    for process in both:
        output, _ = process.communicate()
        assert process.returncode == 0, output
    assert builder.left() == []
    assert traces() == before


def test_a_kept_container_can_be_looked_into_and_cleared(builder: Builder) -> None:
    builder.tasks(*TASKS, FAIL)
    code, output = builder.run("build", "tiny", "--keep")
    assert code == 10
    socket = next(word for word in output.split() if word.startswith("`LXD_SOCKET="))[1:]
    name, value = socket.split("=", 1)
    listing = subprocess.run(
        ["lxc", "list", "--format", "csv", "-c", "s"],
        env={**os.environ, name: value, "LXD_CONF": str(builder.folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert listing.stdout.strip() == "RUNNING"
    assert builder.run("clear")[0] == 0
    assert builder.left() == []
