"""The program as a shell sees it: exit codes, and sentences for what cannot be done."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from image_builder import manifest
from image_builder.exit_codes import ExitCode
from tests.images.build import CHECKOUT

PROGRAM = (sys.executable, "-m", "image_builder")


class Shell:
    """Types commands, with folders of its own and one image."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("kernel", "initramfs"):
            (folder / name).write_bytes(name.encode() * 1000)
        assert self.pack("1") == (0, "")

    @property
    def env(self) -> dict[str, str]:
        kept = {key: text for key, text in os.environ.items() if not key.startswith("BEARMAN_")}
        folders = {
            "BEARMAN_IMAGES_DIR": str(self.folder / "images"),
            "BEARMAN_IMAGE_KEYS_DIR": str(self.folder / "keys"),
            "BEARMAN_IMAGES_WORK_DIR": str(self.folder),
        }
        return kept | folders | {"HOME": str(self.folder)}

    def type(self, *words: str) -> tuple[int, str]:
        """Run the program; returns its exit code, and what it said on stderr."""
        done = subprocess.run(
            [*PROGRAM, *words],
            cwd=CHECKOUT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr

    def pack(self, version: str) -> tuple[int, str]:
        files = [f"--{name}={self.folder / name}" for name in ("kernel", "initramfs")]
        return self.type("pack", "tiny", "--version", version, *files)

    @property
    def image(self) -> Path:
        return self.folder / "images/tiny/1"

    def change(self, how: Callable[[dict[str, object]], object]) -> None:
        """Change the manifest, with nobody's signature."""
        value = json.loads((self.image / manifest.NAME).read_text())
        how(value)
        (self.image / manifest.NAME).write_text(json.dumps(value))


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in which one image is there, tiny/1."""
    return Shell(tmp_path)


def test_an_image_whose_manifest_was_changed_is_not_verified(shell: Shell) -> None:
    assert shell.type("verify", "tiny/1") == (0, "")
    shell.change(lambda value: value.update(append="init=/bin/sh"))
    code, said = shell.type("verify", "tiny/1")
    assert code == ExitCode.DENIED
    assert "but no key of this machine signed that. Was it changed?" in said


@pytest.mark.parametrize(
    "more", [{"steps": {"a": "x", "b": 1}}, {"base": {}}, {"steps": 5, "packages": []}]
)
def test_what_only_people_read_of_a_manifest_may_be_anything(
    shell: Shell, more: dict[str, object]
) -> None:
    shell.change(lambda value: value.update(more))
    assert shell.type("show", "tiny/1") == (0, "")


@pytest.mark.parametrize("text", ["", "[" * 500_000, "{}", " " * 2_000_000, '{"format": 2}'])
def test_a_manifest_that_is_none_is_told(shell: Shell, text: str) -> None:
    (shell.image / manifest.NAME).write_text(text)
    code, said = shell.type("verify", str(shell.image))
    assert code == ExitCode.DAMAGED
    assert said.startswith("image_builder: The manifest cannot be used: ")
    assert shell.type("list") == (0, "")


def test_an_image_under_the_name_of_another_is_none(shell: Shell) -> None:
    (shell.folder / "images/tiny/2").mkdir()
    for path in shell.image.iterdir():
        (shell.folder / "images/tiny/2" / path.name).write_bytes(path.read_bytes())
    code, said = shell.type("show", "tiny/2")
    assert (code, said) == (5, "image_builder: There is no image 'tiny/2'. Did you mean tiny/1?\n")
    assert shell.type("prune", "--keep", "1", "--yes") == (0, "")
    assert shell.type("verify", "tiny/1") == (0, "")


@pytest.mark.parametrize("listing", [b"{", b'{"packages": 5}', b"[]"])
def test_a_list_of_packages_that_is_none_is_told(shell: Shell, listing: bytes) -> None:
    (shell.image / "sbom.spdx.json").write_bytes(listing)
    file = {"name": "sbom.spdx.json", "size": len(listing)}
    file["sha256"] = hashlib.sha256(listing).hexdigest()
    shell.change(lambda value: value["files"].update(sbom=file))  # type: ignore[attr-defined]
    code, said = shell.type("diff", "tiny", "tiny/1")
    assert code == ExitCode.DAMAGED
    assert "sbom.spdx.json is damaged: it is no list of packages in SPDX." in said
    (shell.image / "sbom.spdx.json").unlink()
    assert shell.type("diff", "tiny", "tiny/1")[0] == ExitCode.DAMAGED


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("publish tiny", 2, "It is not known where Bearman is. Give --server HOST:PORT, or set"),
        ("publish tiny --server 127.0.0.1:9", 4, "There is no token."),
        ("publish tiny --server b.example", 2, "Set BEARMAN_CA (--ca FILE) or BEARMAN_TLS=1"),
        ("build debian-12 --promote", 2, "--promote needs --publish."),
        ("build debian-12 --publish", 2, "It is not known where Bearman is."),
        (
            "build debian-12 --publish --server 127.0.0.1:9 --lxd-socket /no",
            4,
            "There is no token.",
        ),
        ("build ../debian-12", 5, "There is no recipe '../debian-12'. Did you mean debian-12?"),
        ("show ../tiny", 5, "There is no image '../tiny'."),
        ("diff tiny tiny", 6, "tiny/1 has no list of packages. Only built images have one."),
        ("pack x --kernel /none --initramfs /none", 2, "/none cannot be read: No such file"),
        ("prune --keep 0", 2, "Invalid value for '--keep'"),
        ("frobnicate", 2, "No such command 'frobnicate'"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_do(
    shell: Shell, words: str, code: int, said: str
) -> None:
    ended, found = shell.type(*words.split())
    assert said in found
    assert ended == code
    assert "Files verified" not in found


def test_nothing_is_removed_without_an_answer(shell: Shell) -> None:
    assert shell.pack("2") == (0, "")
    code, said = shell.type("prune", "--keep", "1")
    assert code == ExitCode.USAGE
    assert "There is no terminal at which to ask. Give --yes to do it unasked." in said
    main, other = os.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "prune", "--keep", "1"], cwd=CHECKOUT, env=shell.env, stdin=other,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.write(main, b"n\n")
    _, said = process.communicate()
    os.close(main)
    os.close(other)
    assert (process.returncode, said.splitlines()[-1].rpartition("] ")[2]) == (
        ExitCode.INTERRUPTED,
        "image_builder: Nothing was done.",
    )
    assert shell.type("show", "tiny/1") == (0, "")


def test_ctrl_c_shows_no_traceback_while_the_program_is_loaded(shell: Shell) -> None:
    words = [
        "env",
        "--default-signal=INT",
        sys.executable,
        "-X",
        "importtime",
        *PROGRAM[1:],
        "list",
    ]
    process = subprocess.Popen(
        words, cwd=CHECKOUT, env=shell.env, text=True, stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stderr is not None
    assert any("bearman_cli" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert "Traceback" not in said
    assert process.returncode in {-signal.SIGINT, ExitCode.INTERRUPTED}
