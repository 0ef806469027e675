"""What `bearman-cli node watch` does."""

import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import grpc

from bearman_cli import render, rpc_errors
from bearman_cli.as_json import as_dict
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.node_show import what_happened
from bearman_cli.options import Options
from bearman_cli.retry import TryAgain, until_done
from bearman_cli.text import encodable
from protos.bearman.v1 import nodes_pb2, nodes_pb2_grpc

PATIENT = replace(OPERATOR, retry_for=300.0)  # outlasts an upgrade of the server
HEALTHY = 5.0  # seconds; a stream that lived so long resets the time for retries

# Event numbers that are kept: a server that looks back for events that were committed late may
# send some again after a new connection.
REMEMBERED = 2000

# Initial metadata in which the server says after which event its stream begins, so that nothing
# is missed where the connection is lost before the first event.
START = "bearman-last-event"


class Watch:
    """Follows events over as many streams as it takes, and shows each event once."""

    def __init__(self, connection: Connection, nodes: Sequence[str]) -> None:
        self._connection = connection
        self._request = nodes_pb2.WatchNodesRequest(nodes=[encodable(node) for node in nodes])
        self._shown: deque[int] = deque(maxlen=REMEMBERED)

    def follow_one_stream(self) -> None:
        """Show events until the stream ends; TryAgain where it ended without having been of use."""
        begun = time.monotonic()
        last_event = self._request.after_event
        with self._connection.open() as channel:
            reason = self._show_all(channel)
        if isinstance(reason, CliError):
            raise reason
        if self._request.after_event == last_event and time.monotonic() - begun < HEALTHY:
            raise reason
        self._connection.notes.say(f"{reason.error.message} Following on.")

    def _show_all(self, channel: grpc.Channel) -> CliError | TryAgain:
        """Show the events of one stream; returns why it ended."""
        stream = nodes_pb2_grpc.NodeServiceStub(channel).WatchNodes(
            self._request, metadata=self._connection.metadata
        )
        try:
            self._advance_to(_start_of(stream))
            for response in stream:
                self._show(response)
        except grpc.RpcError as error:
            return rpc_errors.translate(error, self._connection.endpoint)
        ended = f"{self._connection.endpoint} has ended the stream of events."
        return TryAgain(CliError(ExitCode.UNREACHABLE, ended))

    def _show(self, response: nodes_pb2.WatchNodesResponse) -> None:
        if response.event.id in self._shown:
            return
        self._shown.append(response.event.id)
        if self._connection.notes.json:
            print(json.dumps(as_dict(response)), flush=True)
        else:
            _write_line(response)
        self._advance_to(response.event.id)

    def _advance_to(self, event: int) -> None:
        self._request.after_event = max(self._request.after_event, event)


def run(options: Options, *, nodes: Sequence[str]) -> None:
    """Print a line for each event until Ctrl-C; raises CliError when the server stays away."""
    connection = Connection(options, PATIENT)
    watch = Watch(connection, nodes)
    options.notes.say("Following " + (", ".join(nodes) or "all nodes") + "; Ctrl-C ends it.")
    while True:
        until_done(watch.follow_one_stream, retry_for=connection.retry_for, notes=connection.notes)


def _start_of(stream: grpc.Call) -> int:
    """The number in the server's first words; 0 where it sends none."""
    for key, value in stream.initial_metadata() or ():
        if key == START and str(value).isdecimal():
            return min(int(value), 2**64 - 1)
    return 0


def _write_line(response: nodes_pb2.WatchNodesResponse) -> None:
    """Time, node, what happened, step and message on one line, however wide."""
    node, event = response.node, response.event
    machine = " ".join(filter(None, (node.vendor, node.serial)))
    before = f"{render.local_time(event.at)}  {node.uuid or node.id}  {machine}  "
    after = "".join(f"  {words}" for words in (event.step, event.issue, event.message) if words)
    render.line(before, what_happened(event), after)
