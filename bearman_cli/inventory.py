"""Reads the raw outputs that `register` sends, and keeps them under the server's limit."""

import sys
from dataclasses import dataclass
from pathlib import Path

from bearman_cli.errors import CliError, wrong_usage
from bearman_cli.exit_codes import ExitCode
from protos.bearman.v1 import nodes_pb2

LIMIT = 2 * 1024 * 1024  # bytes in all; nodes.proto, message Inventory
INTERFACE_NAME_LIMIT = 15  # bytes; IFNAMSIZ of Linux's if.h counts the NUL too


@dataclass(frozen=True)
class Outputs:
    """Names of three files, of which one may be `-` for standard input, and of a folder or none."""

    dmidecode: str
    lsblk: str
    ip_link: str
    ethtool: str  # a file per interface


def read(outputs: Outputs) -> nodes_pb2.Inventory:
    """The inventory as it is sent; raises CliError for a missing file and for over 2 MiB."""
    if [outputs.dmidecode, outputs.lsblk, outputs.ip_link].count("-") > 1:
        raise wrong_usage("Only one file can be `-`: there is one standard input.")
    inventory = nodes_pb2.Inventory(
        dmidecode=read_file(outputs.dmidecode),
        lsblk=read_file(outputs.lsblk),
        ip_link=read_file(outputs.ip_link),
    )
    for path in _interface_files(outputs.ethtool):
        inventory.ethtool.add(interface=path.name, output=read_file(str(path)))
    _refuse_too_much(inventory)
    return inventory


def read_file(name: str) -> bytes:
    """The bytes of a file (`-` for standard input), at most one more than may be sent."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(LIMIT + 1)
        with Path(name).open("rb") as file:
            return file.read(LIMIT + 1)
    except OSError as error:
        raise wrong_usage(f"{name} cannot be read: {error.strerror}.") from None


def _interface_files(folder: str) -> list[Path]:
    """Files of the folder by name; hidden ones are not interfaces."""
    if not folder:
        return []
    try:
        names = sorted(path for path in Path(folder).iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise wrong_usage(f"{folder} cannot be read: {error.strerror}.") from None
    for path in names:
        if len(path.name.encode()) > INTERFACE_NAME_LIMIT:
            raise wrong_usage(f"{path} is not named after a network interface.")
    return names


def _refuse_too_much(inventory: nodes_pb2.Inventory) -> None:
    sizes = {
        "dmidecode": len(inventory.dmidecode),
        "lsblk": len(inventory.lsblk),
        "ip link": len(inventory.ip_link),
        "ethtool": sum(len(item.output) for item in inventory.ethtool),
    }
    if sum(sizes.values()) > LIMIT:
        largest = max(sizes, key=lambda name: sizes[name])
        raise CliError(
            ExitCode.REFUSED,
            f"The inventory is larger than 2 MiB; the most of it is from {largest}.",
            "Nothing was sent. Look at that output: no healthy machine says so much.",
        )
