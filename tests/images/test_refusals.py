"""Builds that a machine cannot begin: each is refused in a sentence, before anything is made."""

import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from image_builder.exit_codes import ExitCode
from tests.images.build import CHECKOUT
from tests.images.servers import serving_folder
from tests.images.test_recipes import GOOD

# The program, once all of it is loaded: Python itself may be where only root may look.
SOMEBODY_ELSE = """
import encodings.idna, os, zoneinfo
from image_builder import main
os.setuid({})
main.main()
"""
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[str]:
    """An archive of packages, as far as it is asked before a build."""
    folder = tmp_path / "archive"
    (folder / "dists/bookworm").mkdir(parents=True)
    (folder / "dists/bookworm/InRelease").write_text("Date: Tue, 24 Nov 2026 12:00:00 UTC\n")
    with serving_folder(folder) as address:
        yield address


def build(
    folder: Path,
    *words: str,
    base: Mapping[str, object],
    path: str = os.environ["PATH"],
    program: Sequence[str] = ("-m", "image_builder"),
) -> tuple[int, str]:
    """Run the program on a recipe with that base; returns its exit code and what it said."""
    recipes = folder / "recipes"
    recipes.mkdir(exist_ok=True)
    (recipes / "small.yml").write_text(yaml.safe_dump(GOOD | {"base": base}))
    env = {
        **os.environ,
        "PATH": path,
        "NO_PROXY": "127.0.0.1",
        "BEARMAN_IMAGES_DIR": str(folder / "images"),
        "BEARMAN_IMAGES_WORK_DIR": str(folder),
        "BEARMAN_IMAGE_KEYS_DIR": str(folder / "keys"),
        "BEARMAN_IMAGE_RECIPES_DIR": str(recipes),
    }
    command = [sys.executable, *program, "build", *(words or ("small",))]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False
    )
    assert not list((folder / "images").glob("[!.]*"))
    assert not list(folder.glob("*bearman-image-*"))
    return done.returncode, done.stderr


def from_archive(archive: str) -> dict[str, object]:
    return {"mmdebstrap": {"suite": "bookworm", "mirror": archive}}


def test_a_recipe_that_does_not_exist_is_told_with_near_names(tmp_path: Path, archive: str) -> None:
    code, said = build(tmp_path, "smal", base=from_archive(archive))
    assert code == ExitCode.NOT_FOUND
    assert said == "image_builder: There is no recipe 'smal'. Did you mean small?\n"


@ROOT
def test_a_machine_without_lxd_is_told_what_to_install(tmp_path: Path, archive: str) -> None:
    code, said = build(tmp_path, base=from_archive(archive), path=str(tmp_path))
    assert code == ExitCode.MACHINE
    assert "which this machine has not. `make image-tools` installs them (Debian packages" in said
    assert "lxd" in said


@ROOT
def test_whoever_is_not_root_is_told(archive: str) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    readable = ["setpriv", f"--reuid={nobody}", "--clear-groups", "test", "-r", str(CHECKOUT)]
    if subprocess.run(readable, check=False).returncode:
        pytest.skip("nobody else may read this checkout")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        os.chown(name, nobody, -1)
        program = ("-c", SOMEBODY_ELSE.format(nobody))
        code, said = build(Path(name), base=from_archive(archive), program=program)
    assert code == ExitCode.MACHINE, said
    assert "Only root can start LXD. Run it with sudo, or use an LXD that runs" in said


@ROOT
def test_whoever_is_not_root_clears_nothing_away(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    command = [sys.executable, "-c", SOMEBODY_ELSE.format(nobody), "clear"]
    env = {**os.environ, "BEARMAN_IMAGES_WORK_DIR": str(tmp_path)}
    done = subprocess.run(
        command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False
    )
    said = "image_builder: Only root can clear away what an LXD left. Run it with sudo.\n"
    assert (done.returncode, done.stderr) == (ExitCode.MACHINE, said)


def test_an_lxd_that_is_not_there_is_told(tmp_path: Path, archive: str) -> None:
    stands_in = tmp_path / "bin"
    stands_in.mkdir()
    for name in ("lxc", "mksquashfs"):
        (stands_in / name).symlink_to("/bin/true")
    words = ("small", "--lxd-socket", str(tmp_path / "none.socket"))
    code, said = build(tmp_path, *words, base=from_archive(archive), path=f"{stands_in}:/usr/bin")
    assert code == ExitCode.MACHINE
    assert f"No LXD answers at {tmp_path}/none.socket" in said
    assert "without it, a build starts an LXD of its own" in said


def test_an_image_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    base = {"image": {"server": "https://127.0.0.1:9", "alias": "debian/12"}}
    code, said = build(tmp_path, base=base)
    assert code == ExitCode.NO_BASE
    assert said.startswith("Made a signature key")
    assert "The base debian/12 from https://127.0.0.1:9 cannot be had: https://127.0.0.1:9/" in said
    assert "Check the network, and `base` in the recipe." in said


def test_an_archive_that_does_not_answer_is_told(tmp_path: Path) -> None:
    code, said = build(tmp_path, base=from_archive("http://127.0.0.1:9"))
    assert code == ExitCode.NO_BASE
    assert "cannot be had: http://127.0.0.1:9/dists/bookworm/InRelease: " in said
