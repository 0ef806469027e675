"""manifest.json: what an image is, written in exactly one form, and signed.

Each file stands on one line of its own, so that a shell can look for a line that it expects in a
manifest whose signature it has verified.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode

FORMAT = 1
NAME = "manifest.json"
SIGNATURE = "manifest.json.sig"
LIMIT = 1024 * 1024  # bytes, as in protos/bearman/v1/images.proto
# Names of the artefacts in an image's folder.
FILE_NAMES = {
    "initramfs": "initrd.img",
    "kernel": "vmlinuz",
    "root": "filesystem.squashfs",
    "sbom": "sbom.spdx.json",
}
REQUIRED = ("initramfs", "kernel")
KINDS = ("stage-one", "stage-two", "other")
IMAGE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,49}")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]{0,63}")
FILE_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]{0,99}")
SHA256 = re.compile(r"[0-9a-f]{64}")
HEAD = ("format", "name", "version", "kind", "recipe", "revision", "built_at", "append", "files")


@dataclass(frozen=True)
class File:
    """An artefact: its name in the folder, SHA-256 in hexadecimal, size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What is known of one version; `more` is what only people read."""

    name: str
    version: str
    kind: str
    built_at: str  # RFC 3339, in UTC
    files: Mapping[str, File]
    recipe: str = ""
    revision: str = ""
    append: str = ""
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files.values())

    def encode(self) -> bytes:
        """The bytes of manifest.json."""
        head = {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "kind": self.kind,
            "recipe": self.recipe,
            "revision": self.revision,
            "built_at": self.built_at,
            "append": self.append,
        }
        lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
        files = [
            f"    {json.dumps(kind)}: {json.dumps(vars(file))}"
            for kind, file in sorted(self.files.items())
        ]
        more = [
            f"  {json.dumps(key)}: {json.dumps(value, sort_keys=True)}"
            for key, value in sorted(self.more.items())
        ]
        blocks = ['  "files": {\n' + ",\n".join(files) + "\n  }", *more]
        return ("{\n" + "\n".join(lines) + "\n" + ",\n".join(blocks) + "\n}\n").encode()


def decode(data: bytes) -> Manifest:
    """Read manifest.json; raises BuildError that says what is wrong with it."""
    try:
        value = json.loads(data) if len(data) <= LIMIT else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _bad("it is not JSON")
    if value.get("format") != FORMAT:
        raise _bad(f"its format is {value.get('format')!r}, and this program knows {FORMAT}")
    texts = {key: value.get(key, "") for key in HEAD if key not in {"format", "files"}}
    for key, text in texts.items():
        if not isinstance(text, str):
            raise _bad(f"`{key}` is not a text")
    if not IMAGE_NAME.fullmatch(texts["name"]) or not VERSION.fullmatch(texts["version"]):
        raise _bad("its name or version is not one that an image can have")
    return Manifest(
        **texts,
        files=_files(value.get("files")),
        more={key: each for key, each in value.items() if key not in HEAD},
    )


def _files(value: object) -> dict[str, File]:
    if not isinstance(value, dict) or not set(REQUIRED) <= set(value) <= set(FILE_NAMES):
        raise _bad("`files` must have kernel and initramfs, and may have root and sbom")
    found = {}
    for kind, each in value.items():
        match each:
            case {"name": str(name), "sha256": str(digest), "size": int(size)} if (
                FILE_NAME.fullmatch(name) and SHA256.fullmatch(digest) and size > 0
            ):
                found[kind] = File(name, digest, size)
            case _:
                raise _bad(f"`files.{kind}` must have a name, a SHA-256 and a size")
    return found


def _bad(why: str) -> BuildError:
    return BuildError(
        ExitCode.DAMAGED, f"The manifest cannot be used: {why}.", "Build or fetch the image again."
    )
