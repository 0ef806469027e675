"""What `bearman-cli register` does."""

import json
import re
from ipaddress import ip_address
from pathlib import Path

from bearman_cli import answer, inventory, output_dir
from bearman_cli.connection import NODE, Connection
from bearman_cli.errors import CliError, wrong_usage
from bearman_cli.exit_codes import ExitCode
from bearman_cli.inventory import Outputs
from bearman_cli.options import Options
from protos.bearman.v1 import nodes_pb2, nodes_pb2_grpc

UUID = re.compile(r"[0-9A-Za-z-]{1,64}")  # whether it is a good one is for the server to say


def run(
    options: Options,
    *,
    uuid: str,
    outputs: Outputs,
    address: str,
    folder: Path | None,
) -> None:
    """Send the inventory, hand out the BMC's settings; raises CliError for a quarantined node."""
    request = nodes_pb2.RegisterRequest(
        uuid=checked_uuid(uuid),
        inventory=inventory.read(outputs),
        address=checked_address(address),
    )
    connection = Connection(options, NODE)
    with output_dir.answering(folder, answer.FIELDS):
        response = connection.call(
            lambda channel: nodes_pb2_grpc.BootServiceStub(channel).Register, request
        )
        values = answer.fields(response)
    if folder:
        output_dir.write(folder, values)
    _print(values, options, folder)
    if values["status"] == "QUARANTINED":
        raise _quarantined(values)


def checked_uuid(text: str) -> str:
    """The UUID if it could be one; a server's answer about a missing one would help nobody."""
    if not UUID.fullmatch(text):
        raise wrong_usage(
            f"{text!r} is not a UUID." if text else "The UUID of this machine is not given.",
            "Give --uuid, or set BEARMAN_UUID to what firmware or iPXE shows.",
        )
    return text


def checked_address(text: str) -> str:
    """The machine's own IPv4 or IPv6 address, without a scope; may be empty."""
    if not text:
        return ""
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        raise wrong_usage(f"--address {text!r} is not an IP address.") from None


def _print(values: dict[str, answer.Value], options: Options, folder: Path | None) -> None:
    """The whole answer for programs; for people all but the password."""
    if options.notes.json:
        print(json.dumps(values))
        return
    print(f"Node {values['node_id']} is {values['status']}.")
    if values["bmc_address"]:
        print(_bmc_in_words(values))
        print(f"All values are in {folder}." if folder else "--output-dir gives the password too.")


def _bmc_in_words(values: dict[str, answer.Value]) -> str:
    words = [f"BMC: {values['bmc_address']}/{values['bmc_prefix_length']}"]
    if values["bmc_gateway"]:
        words.append(f"gateway {values['bmc_gateway']}")
    if values["bmc_vlan_id"]:
        words.append(f"VLAN {values['bmc_vlan_id']}")
    words.append(f"channel {values['bmc_channel']}")
    words.append(f"user {values['bmc_username']} in slot {values['bmc_user_slot']}")
    return ", ".join(words) + "."


def _quarantined(values: dict[str, answer.Value]) -> CliError:
    reason = values["reason"] or "The server did not say why."
    return CliError(
        ExitCode.QUARANTINED,
        f"Node {values['node_id']} is quarantined: {reason}",
        str(values["advice"] or ""),
        issue=str(values["issue"] or ""),
    )
