"""Builds that end at any moment: nothing half-made has a name, and nothing is left behind."""

import contextlib
import json
import signal
import subprocess

import pytest

from image_builder import store
from image_builder.exit_codes import ExitCode
from tests.images.build import IN_LXD
from tests.images.builder import Builder, traces

pytestmark = IN_LXD
# Steps of a build, in order.
MOMENTS = (
    "LXD started",
    "Container started",
    "Roles applied",
    "Kernel and initramfs",
    "Exported",
    "Root packed",
    "Manifest, verified and signed",
)


def begun(builder: Builder, step: str) -> "subprocess.Popen[str]":
    """A build that has begun that step just now."""
    process = builder.start("build", "tiny", "--force", "--version", "1", "--json")
    assert process.stdout is not None
    for line in process.stdout:
        with contextlib.suppress(ValueError):
            if json.loads(line).get("event", {}).get("begin") == step:
                return process
    raise AssertionError(f"{step} never began; it ended with {process.wait()}")


@pytest.mark.parametrize("moment", MOMENTS[::2])
def test_ctrl_c_clears_everything_away_at_any_moment(builder: Builder, moment: str) -> None:
    before = traces()
    process = begun(builder, moment)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == ExitCode.INTERRUPTED, output
    assert "everything was cleared away" in output
    assert builder.left() == []
    assert store.versions(builder.folder / "images") == []
    assert traces() == before


def test_a_build_that_is_killed_at_any_moment_gives_no_half_of_an_image(builder: Builder) -> None:
    before = traces()
    images = builder.folder / "images"
    for moment in MOMENTS:
        process = begun(builder, moment)
        process.kill()
        process.communicate()
        for each in store.versions(images):  # the last step may have been quicker than the signal
            store.verify(each)
            assert moment == MOMENTS[-1]
    code, output = builder.run("build", "tiny", "--force", "--version", "2")
    assert code == 0, output
    store.verify(store.find(images, "tiny/2"))
    assert builder.left() == []
    assert traces() == before
