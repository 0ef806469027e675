"""manifest.json of an image: what it is, and the size and SHA-256 of each file. No Django.

It is signed as bytes, and machines look for whole lines in it, so it has exactly one form; see
docs/images.md. Whoever sends one may be hostile: every size and every value is bounded here.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

MAX_BYTES = 1024 * 1024
MAX_SIZE = 2**40  # bytes of one file
MAX_APPEND = 1000  # characters, of the 2,047 that the kernel takes
FORMAT = 1

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,49}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]{0,63}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WORD = re.compile(r"[A-Za-z0-9 ._+:/@-]{0,100}")
# Visible ASCII and blanks, and nothing that iPXE or a shell would take for a variable.
_APPEND = re.compile(r"[ !-~]*")
_BEARMANS_OWN = ("bearman.", "fetch=")


class Kind(StrEnum):
    """What an image is for."""

    STAGE_ONE = "stage-one"
    STAGE_TWO = "stage-two"
    OTHER = "other"


REQUIRED, OPTIONAL = ("kernel", "initramfs"), ("root", "sbom")
FILES = REQUIRED + OPTIONAL


@dataclass(frozen=True, slots=True)
class File:
    """A file of an image: its name, its size in bytes, its SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says; `built_at` is in UTC, `text` all of it."""

    name: str
    version: str
    kind: Kind
    recipe: str
    revision: str
    built_at: datetime
    append: str
    files: dict[str, File]
    text: str

    @property
    def built_from(self) -> str:
        """The recipe and its revision, in words."""
        return " ".join(part for part in (self.recipe, self.revision) if part)

    @property
    def label(self) -> str:
        """NAME/VERSION."""
        return f"{self.name}/{self.version}"


def read(data: bytes) -> Manifest:
    """Return what a manifest says; raises ValueError with a clause on what is wrong with it."""
    if len(data) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES} bytes")
    if not data.isascii():
        raise ValueError("it has characters outside of ASCII")
    text = data.decode("ascii")
    found = _mapping(_parsed(text), "it")
    if found.get("format") != FORMAT or isinstance(found["format"], bool):
        raise ValueError(f"its format is not {FORMAT}")
    manifest = Manifest(
        name=_matching(found, "name", _NAME),
        version=_matching(found, "version", _VERSION),
        kind=_kind(found.get("kind")),
        recipe=_matching(found, "recipe", _WORD, ""),
        revision=_matching(found, "revision", _WORD, ""),
        built_at=_moment(found.get("built_at")),
        append=append_of(_text(found, "append", "")),
        files=_files(_mapping(found.get("files"), "files")),
        text=text,
    )
    _require_form(manifest)
    return manifest


def append_of(text: str) -> str:
    """Return kernel arguments with one blank between them; raises ValueError as `read` does."""
    if len(text) > MAX_APPEND:
        raise ValueError(f"append has more than {MAX_APPEND} characters")
    if not _APPEND.fullmatch(text) or "${" in text or "#" in text:
        raise ValueError("append does not fit a kernel command line")
    words = text.split()
    if {"||", "&&"}.intersection(words):
        raise ValueError("append has `||` or `&&`, which end a command of iPXE")
    taken = [word for word in words if word.startswith(_BEARMANS_OWN)]
    if taken:
        raise ValueError(f"append has {taken[0].partition('=')[0]}, which Bearman itself sets")
    return " ".join(words)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg} in line {error.lineno}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is not a mapping")
    return value


def _text(found: dict[str, Any], key: str, default: str | None = None) -> str:
    value = found.get(key, default)
    if not isinstance(value, str):
        raise ValueError(f"{key} is {'missing' if value is None else 'not a text'}")
    return value


def _matching(
    found: dict[str, Any], key: str, pattern: re.Pattern[str], default: str | None = None
) -> str:
    value = _text(found, key, default)
    if not pattern.fullmatch(value):
        raise ValueError(f"{key} cannot be {value[:60]!r}")
    return value


def _kind(value: Any) -> Kind:
    if not isinstance(value, str) or value not in list(Kind):
        raise ValueError(f"kind is not one of {', '.join(Kind)}")
    return Kind(value)


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None and moment.year >= 1970:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("built_at is no time such as 2026-11-24T22:00:00Z")


def _files(found: dict[str, Any]) -> dict[str, File]:
    unknown = sorted(set(found) - set(FILES))
    if unknown:
        raise ValueError(f"files has {unknown[0][:40]!r}, which Bearman does not know")
    missing = [kind for kind in REQUIRED if kind not in found]
    if missing:
        raise ValueError(f"files has no {missing[0]}")
    files = {kind: _file(kind, _mapping(value, kind)) for kind, value in found.items()}
    names = [file.name for file in files.values()]
    if len(set(names)) < len(names) or "manifest.json" in names:
        raise ValueError("two files have one name")
    return files


def _file(kind: str, found: dict[str, Any]) -> File:
    size = found.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= MAX_SIZE:
        raise ValueError(f"the size of {kind} is not 1 to {MAX_SIZE}")
    try:
        return File(_matching(found, "name", _FILE), size, _matching(found, "sha256", _SHA256))
    except ValueError as error:
        raise ValueError(f"{kind}: {error}") from error


def _require_form(manifest: Manifest) -> None:
    """Raise ValueError where a machine, which reads lines, would not find what it looks for."""
    lines = manifest.text.split("\n")
    wanted = [
        f'  "format": {FORMAT},',
        f'  "name": "{manifest.name}",',
        f'  "version": "{manifest.version}",',
        '  "files": {',
    ]
    for kind, file in manifest.files.items():
        wanted.append(
            f'    "{kind}": {{"name": "{file.name}", "sha256": "{file.sha256}", '
            f'"size": {file.size}}}'
        )
    found = [line.removesuffix(",") if line.startswith("    ") else line for line in lines]
    for line in wanted:
        if found.count(line) != 1:
            raise ValueError(f"it is not in image_builder's form: it has no line `{line.strip()}`")
