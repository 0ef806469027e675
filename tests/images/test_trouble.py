"""Builds that cannot end well: each says why in a sentence, and leaves nothing behind."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from image_builder import store
from image_builder.exit_codes import ExitCode
from tests.images.build import IN_LXD
from tests.images.builder import RECIPE, TASKS, Builder, traces

pytestmark = IN_LXD
# What a network looks like to apt that went away when the base was there already.
FETCH = {
    "name": "Fetch lists of packages",
    "shell": "echo 'deb http://127.0.0.1:9/debian bookworm main' >/etc/apt/sources.list && "
    "apt-get update -o APT::Update::Error-Mode=any",
}
FILL = {"name": "Write much", "command": "dd if=/dev/zero of=/much bs=1M count=1000"}


@contextmanager
def disk(folder: Path, size: str) -> Iterator[None]:
    """A disk of its own for a folder."""
    folder.mkdir(exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0711", "tmpfs", folder], check=True
    )
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def shrink(folder: Path, left: int) -> None:
    """Leave so many bytes free on that disk."""
    text = subprocess.run(
        ["df", "--block-size=1", "--output=used", folder],
        check=True,
        capture_output=True,
        text=True,
    )
    size = int(text.stdout.split()[-1]) + left
    subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)


def waiting(hold: Path) -> dict[str, object]:
    """A task that waits until there is that file on this machine."""
    return {"name": "Wait", "wait_for": {"path": str(hold)}, "delegate_to": "localhost"}


def check_nothing_is_left(builder: Builder, before: dict[str, str]) -> None:
    assert builder.left() == []
    assert store.versions(builder.folder / "images") == []
    assert traces() == before


def test_a_base_that_cannot_be_fetched_is_told(builder: Builder) -> None:
    before = traces()
    base = {"mmdebstrap": {"suite": "bookworm", "mirror": "http://127.0.0.1:9/debian"}}
    (builder.folder / "recipes/tiny.yml").write_text(yaml.safe_dump(RECIPE | {"base": base}))
    code, output = builder.run("build", "tiny")
    assert code == ExitCode.NO_BASE
    assert "cannot be had" in output
    check_nothing_is_left(builder, before)


def test_a_disk_that_is_full_when_a_build_begins_is_told_at_once(builder: Builder) -> None:
    before = traces()
    with disk(builder.work, "64m"):
        code, output = builder.run("build", "tiny")
        assert code == ExitCode.NO_SPACE
        assert "this needs 4.3 GB: no space is left. Free some" in output
        assert builder.left() == []
    check_nothing_is_left(builder, before)


def test_a_disk_that_fills_up_while_roles_are_applied_is_told(builder: Builder) -> None:
    before = traces()
    hold = builder.folder / "hold"
    builder.tasks(waiting(hold), FILL)
    with disk(builder.work, "6g"):
        process = builder.start("build", "tiny")
        builder.wait_for_task(process, "Wait")
        shrink(builder.work, 20_000_000)
        hold.touch()
        output, _ = process.communicate()
        assert process.returncode == ExitCode.NO_SPACE, output
        assert "The task 'tiny : Write much' failed: no space is left. Free some" in output
        assert builder.left() == []
    check_nothing_is_left(builder, before)


def test_a_disk_that_fills_up_while_the_image_is_taken_out_is_told(builder: Builder) -> None:
    before = traces()
    hold = builder.folder / "hold"
    builder.tasks(*TASKS, waiting(hold))
    with disk(builder.folder / "images/tiny", "1200m"):
        process = builder.start("build", "tiny")
        builder.wait_for_task(process, "Wait")
        shrink(builder.folder / "images/tiny", 50_000_000)
        hold.touch()
        output, _ = process.communicate()
        assert process.returncode == ExitCode.NO_SPACE, output
        assert "no space is left. Free some" in output
    check_nothing_is_left(builder, before)


def test_a_network_that_goes_away_while_roles_are_applied_is_told(builder: Builder) -> None:
    before = traces()
    builder.tasks(FETCH)
    code, output = builder.run("build", "tiny")
    assert code == ExitCode.NO_BASE, output
    wanted = "The task 'tiny : Fetch lists of packages' failed. The archive does not answer: http"
    assert wanted in output
    assert "Check the network, then build again: packages that came are kept." in output
    check_nothing_is_left(builder, before)
