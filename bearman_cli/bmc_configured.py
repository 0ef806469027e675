"""What `bearman-cli bmc-configured` does."""

import json
from dataclasses import replace
from pathlib import Path

import grpc

from bearman_cli import output_dir, rpc_errors
from bearman_cli.as_json import as_dict, status_name
from bearman_cli.connection import NODE, Connection
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.options import Options
from bearman_cli.register import checked_uuid
from bearman_cli.retry import TryAgain, until_done
from bearman_cli.rpc_errors import checked_code
from bearman_cli.text import clean
from protos.bearman.v1 import nodes_pb2, nodes_pb2_grpc

# ABORTED: another operation is under way on this BMC (nodes.proto, rpc BmcConfigured).
PASSING = rpc_errors.PASSING | {grpc.StatusCode.ABORTED}

# The server logs in over the network before it answers, several times where the BMC is slow.
PATIENT = replace(NODE, timeout=120.0)


class NotProven(CliError):
    """The server tried and could not control the machine; `response` says why."""

    def __init__(self, response: nodes_pb2.BmcConfiguredResponse) -> None:
        reason = response.reason or "Bearman could not control the machine through its BMC."
        super().__init__(
            ExitCode.NOT_PROVEN,
            clean(reason),
            clean(response.advice),
            issue=checked_code(response.issue),
        )
        self.response = response


def run(options: Options, *, uuid: str, folder: Path | None) -> None:
    """Ask until the machine is proven, the server says that it is no use, or the time is up."""
    connection = Connection(options, PATIENT)
    request = nodes_pb2.BmcConfiguredRequest(uuid=checked_uuid(uuid))
    try:
        with output_dir.answering(folder, ()):
            response = until_done(
                lambda: _ask(connection, request),
                retry_for=connection.retry_for,
                notes=connection.notes,
            )
    except NotProven as refusal:
        if options.notes.json:
            print(json.dumps(as_dict(refusal.response)))
        raise
    if folder:
        output_dir.write(folder, {"status": status_name(response.status)})
    if options.notes.json:
        print(json.dumps(as_dict(response)))
    else:
        print("Bearman controls this machine through its BMC; it may switch itself off.")


def _ask(
    connection: Connection, request: nodes_pb2.BmcConfiguredRequest
) -> nodes_pb2.BmcConfiguredResponse:
    response = connection.once(
        lambda channel: nodes_pb2_grpc.BootServiceStub(channel).BmcConfigured,
        request,
        passing=PASSING,
    )
    if response.proven:
        return response
    refusal = NotProven(response)
    raise TryAgain(refusal) if response.retry else refusal
