"""What `bearman-cli power ...` does."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from bearman_cli import confirm, render
from bearman_cli.as_json import as_dict, enum_name
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.deploy_live import LiveLine
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.options import Options
from bearman_cli.text import encodable
from protos.bearman.v1 import power_pb2 as pb
from protos.bearman.v1 import power_pb2_grpc

PATIENT = replace(OPERATOR, retry_for=300.0)  # outlasts an upgrade of the server
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0  # seconds between two looks
UNCONFIRMED = "Unconfirmed"  # the server's name for what it wants to be told twice
TITLES = ("NODE", "MACHINE", "RESULT", "POWER", "MESSAGE")


def run(options: Options, *, nodes: Sequence[str], action: str, yes: bool, wait: bool) -> None:
    """Ask for it once, follow it to its end; raises CliError if it failed for any node.

    `action` is the short name of a PowerAction. The request has a number of its own, so that
    retries are safe.
    """
    request = pb.RequestPowerRequest(
        nodes=map(encodable, nodes),
        action=pb.PowerAction.Value(f"POWER_ACTION_{action}"),
        confirmed=yes,
        request_id=str(uuid4()),
    )
    batch = _ask(Connection(options, OPERATOR), request)
    if not wait:
        _begun(options, batch)
        return
    try:
        found = _follow(Connection(options, PATIENT), batch)
    except KeyboardInterrupt:
        raise _left(batch) from None
    _show(options, found)


def _ask(connection: Connection, request: pb.RequestPowerRequest) -> str:
    """Return the batch; asks at the terminal where the server wants to know that it is meant."""
    try:
        return _request(connection, request)
    except CliError as error:
        if error.kind != UNCONFIRMED:
            raise
        if not sys.stdin.isatty():
            error.advice = "Give --yes to do it all the same."
            raise
        confirm.require(f"{error.message} Do it all the same?", yes=False)
    request.confirmed = True
    return _request(connection, request)


def _request(connection: Connection, request: pb.RequestPowerRequest) -> str:
    return connection.call(
        lambda channel: power_pb2_grpc.PowerServiceStub(channel).RequestPower, request
    ).batch_id


def _follow(connection: Connection, batch: str) -> pb.GetPowerBatchResponse:
    """Look until it is finished; the server ends whatever takes too long."""
    live, pause = LiveLine(wanted=not connection.notes.json), FIRST_PAUSE
    request = pb.GetPowerBatchRequest(batch_id=batch)
    try:
        while True:
            found = connection.call(
                lambda channel: power_pb2_grpc.PowerServiceStub(channel).GetPowerBatch, request
            )
            if found.finished:
                return found
            live.write(*_progress(found))
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
    finally:
        live.clear()


def _progress(found: pb.GetPowerBatchResponse) -> tuple[str, list[str]]:
    results = [item.result for item in found.items]
    ended = sum(_is_over(result) for result in results)
    words = [f"{ended} of {len(results)} finished"]
    if failed := results.count(pb.POWER_RESULT_FAILED):
        words.append(f"{failed} failed")
    words += [item.message for item in found.items if item.message and not _is_over(item.result)]
    return words[0], words[1:3]


def _is_over(result: int) -> bool:
    return result in (pb.POWER_RESULT_DONE, pb.POWER_RESULT_FAILED)


def _show(options: Options, found: pb.GetPowerBatchResponse) -> None:
    if options.notes.json:
        print(json.dumps(as_dict(found)), flush=True)
    else:
        render.write(render.Table(TITLES, [_row(item) for item in found.items], whole=(0, 2)))
    failed = [item for item in found.items if item.result == pb.POWER_RESULT_FAILED]
    if failed:
        advice = {item.advice for item in failed if item.advice}
        raise CliError(
            ExitCode.FAILED,
            f"It failed for {len(failed)} of {len(found.items)} nodes.",
            advice.pop() if len(advice) == 1 else "",
        )


def _row(item: pb.PowerItem) -> tuple[str, ...]:
    result = enum_name(pb.PowerResult.DESCRIPTOR, item.result) or ""
    return item.node_id, item.node_label, result, item.power, item.message


def _begun(options: Options, batch: str) -> None:
    if options.notes.json:
        print(json.dumps({"batch_id": batch}))
    else:
        print(f"Request {batch} is in the queue; the Admin shows it under Power requests.")


def _left(batch: str) -> CliError:
    return CliError(
        ExitCode.INTERRUPTED,
        "Nothing was stopped: the request goes on.",
        f"The Admin shows it under Power requests ({batch}).",
    )
