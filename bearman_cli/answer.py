"""Checks the answer to `register` before a shell gets to see it, and what others need for that."""

import re
from ipaddress import IPv4Address, IPv4Network

from bearman_cli.as_json import status_name
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.rpc_errors import checked_code
from bearman_cli.text import clean
from protos.bearman.v1 import nodes_pb2

ANSWER_UNUSABLE = "BOOT-006"  # in the issue catalogue
Value = str | int | bool | None

NODE_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
# IPMI 2.0 section 22.28 allows 16 bytes; these need no quoting in any shell.
USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,15}")
# 16 bytes fit IPMI 1.5 too (IPMI 2.0 section 22.30). Nothing that a shell or `ipmitool exec` takes
# for its own, and no leading dash, which ipmitool would take for an option.
PASSWORD = re.compile(r"(?!-)[A-Za-z0-9!%*+,./:=?@^_-]{1,16}")
BMC_FIELDS = (
    "bmc_address",
    "bmc_netmask",
    "bmc_prefix_length",
    "bmc_gateway",
    "bmc_vlan_id",
    "bmc_channel",
    "bmc_user_slot",
    "bmc_username",
    "bmc_password",
)
FIELDS = ("node_id", *BMC_FIELDS)


def fields(response: nodes_pb2.RegisterResponse) -> dict[str, Value]:
    """The answer as checked, flat values; None for what the server left out.

    The keys are the file names of --output-dir and the keys of --json.
    """
    status = status_name(response.status)
    if status not in {"REGISTERING", "QUARANTINED"}:
        raise unusable("status", str(status))
    checked: dict[str, Value] = {"node_id": matching("node_id", response.node_id, NODE_ID)}
    checked |= _bmc(response.bmc) if status == "REGISTERING" else dict.fromkeys(BMC_FIELDS)
    return checked | words(response.reason, response.advice, response.issue) | {"status": status}


def words(reason: str, advice: str, issue: str) -> dict[str, Value]:
    """Why, what to do, and the code of the catalogue; None for what is not there."""
    return {
        "reason": clean(reason) or None,
        "advice": clean(advice) or None,
        "issue": checked_code(issue) or None,
    }


def _bmc(bmc: nodes_pb2.BmcSettings) -> dict[str, Value]:
    prefix_length = between("bmc_prefix_length", bmc.prefix_length, 0, 32)
    if bmc.netmask != str(IPv4Network(f"0.0.0.0/{prefix_length}").netmask):
        raise unusable("bmc_netmask", bmc.netmask)
    return {
        "bmc_address": _ipv4("bmc_address", bmc.address),
        "bmc_netmask": bmc.netmask,
        "bmc_prefix_length": prefix_length,
        "bmc_gateway": _ipv4("bmc_gateway", bmc.gateway) if bmc.gateway else None,
        "bmc_vlan_id": between("bmc_vlan_id", bmc.vlan_id, 0, 4094),
        "bmc_channel": between("bmc_channel", bmc.channel, 1, 11),
        "bmc_user_slot": between("bmc_user_slot", bmc.user_slot, 2, 63),
        "bmc_username": matching("bmc_username", bmc.username, USERNAME),
        "bmc_password": matching("bmc_password", bmc.password, PASSWORD),
    }


def _ipv4(name: str, text: str) -> str:
    try:
        return str(IPv4Address(text))
    except ValueError:
        raise unusable(name, text) from None


def between(name: str, number: int, lowest: int, highest: int) -> int:
    """The number if it is in that range; raises CliError."""
    if not lowest <= number <= highest:
        raise unusable(name, str(number))
    return number


def matching(name: str, text: str, pattern: re.Pattern[str]) -> str:
    """The text if the whole of it has that form; raises CliError."""
    if not pattern.fullmatch(text):
        raise unusable(name, "(hidden)" if name == "bmc_password" else text)
    return text


def unusable(name: str, value: str) -> CliError:
    """The error of an answer of which one value could do harm."""
    return CliError(
        ExitCode.UNEXPECTED,
        f"The server's answer cannot be used: {name} is {value!r}.",
        "Check that bearman-cli and the server fit together.",
        issue=ANSWER_UNUSABLE,
    )
