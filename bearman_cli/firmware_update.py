"""Checks the updates of a firmware plan before a shell gets to see them, and writes them down."""

import re
from collections.abc import Sequence
from pathlib import Path

from bearman_cli import answer, output_dir
from bearman_cli.answer import Value
from bearman_cli.text import clean, shorten
from protos.bearman.v1 import firmware_pb2

FOLDER = "updates"
MOST = 100  # updates of one plan; a machine has far fewer parts
MOST_ARGUMENTS = 64
MOST_SECONDS = 24 * 60 * 60
TEXT_LIMIT = 200  # characters of what is only shown

COMPONENT = re.compile(r"bios|bmc|nic|disk")
TOOL = re.compile(r"fwupdmgr|vendor|mstflint|command")
READER = re.compile(r"dmidecode|ipmitool|ethtool|lsblk|tool")
# Names of interfaces and disks; no leading dash, which a program would take for an option.
TARGET = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.@:-]{0,31})?")
URL = re.compile(r"https?://[][A-Za-z0-9._~:/?&=%+@,;-]{1,2000}")
SHA256 = re.compile(r"[0-9a-f]{64}")
ARGUMENT = re.compile(r"[ -~]{1,500}")  # printable ASCII: a line, and never two
NEEDS_TARGET = {"ethtool", "lsblk"}
NEEDS_ARTEFACT = {"fwupdmgr", "vendor", "mstflint"}


def checked(updates: Sequence[firmware_pb2.FirmwareUpdate]) -> list[dict[str, Value]]:
    """The updates as flat values; raises CliError for one that a script could not use safely."""
    answer.between("updates", len(updates), 0, MOST)
    return [_fields(update) for update in updates]


def write(folder: Path, updates: Sequence[dict[str, Value]]) -> None:
    """Write each update into a folder of its own, 001 the first."""
    try:
        (folder / FOLDER).mkdir(mode=0o700)
        for number, values in enumerate(updates, 1):
            place = folder / FOLDER / f"{number:03}"
            place.mkdir(mode=0o700)
            output_dir.write(place, values)
    except OSError as error:
        raise output_dir.unwritable(folder, error) from None


def texts(update: firmware_pb2.FirmwareUpdate) -> dict[str, str]:
    """What is only shown, safe for a terminal."""
    return {
        "title": shorten(clean(update.title), TEXT_LIMIT),
        "from_version": shorten(clean(update.from_version), TEXT_LIMIT),
        "wanted_version": shorten(clean(update.wanted_version), TEXT_LIMIT),
    }


def _fields(update: firmware_pb2.FirmwareUpdate) -> dict[str, Value]:
    tool = answer.matching("tool", update.tool, TOOL)
    read_with = answer.matching("read_with", update.read_with, READER)
    target = answer.matching("target", update.target, TARGET)
    if read_with in NEEDS_TARGET and not target:
        raise answer.unusable("target", target)
    return {
        "id": answer.between("id", update.id, 1, 2**63 - 1),
        "component": answer.matching("component", update.component, COMPONENT),
        "target": target,
        **texts(update),
        "tool": tool,
        **_artefact(update, needed=tool in NEEDS_ARTEFACT),
        "arguments": _arguments(update.arguments),
        "read_with": read_with,
        "read_first": update.read_first,
        "reboot": update.reboot,
        "timeout_seconds": answer.between(
            "timeout_seconds", update.timeout_seconds, 1, MOST_SECONDS
        ),
    }


def _artefact(update: firmware_pb2.FirmwareUpdate, *, needed: bool) -> dict[str, Value]:
    names = ("artefact_url", "artefact_sha256", "artefact_size")
    if not needed and not update.artefact.url:
        return dict.fromkeys(names)
    file = update.artefact
    values = (
        answer.matching("artefact_url", file.url, URL),
        answer.matching("artefact_sha256", file.sha256, SHA256),
        answer.between("artefact_size", file.size, 1, 2**40),
    )
    return dict(zip(names, values, strict=True))


def _arguments(words: Sequence[str]) -> str:
    answer.between("arguments", len(words), 0, MOST_ARGUMENTS)
    return "\n".join(answer.matching("arguments", word, ARGUMENT) for word in words)
