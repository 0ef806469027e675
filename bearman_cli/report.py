"""What `bearman-cli report` does."""

import json
import os
import re
from pathlib import Path

from bearman_cli.as_json import status_name
from bearman_cli.connection import NODE, Connection
from bearman_cli.errors import wrong_usage
from bearman_cli.options import Options
from bearman_cli.register import checked_address, checked_uuid
from bearman_cli.rpc_errors import checked_code
from bearman_cli.text import encodable
from protos.bearman.v1 import nodes_pb2, nodes_pb2_grpc

# nodes.proto, message ReportRequest
STEP = re.compile(r"[a-z0-9_-]{1,40}")
MESSAGE_LIMIT = 1000  # characters
LOG_TAIL_LIMIT = 16 * 1024  # bytes

OUTCOMES = {
    "progress": nodes_pb2.STEP_OUTCOME_PROGRESS,
    "failed": nodes_pb2.STEP_OUTCOME_FAILED,
}


def run(
    options: Options,
    *,
    uuid: str,
    step: str,
    outcome: str,
    message: str,
    log_tail_file: str,
    address: str,
    issue: str,
    advice: str,
) -> None:
    """Put how a step went on the node's time line, and print the node's status."""
    if not STEP.fullmatch(step):
        raise wrong_usage(
            f"--step {step!r} is not the name of a step.",
            "Use 1 to 40 lower-case letters, digits, `_` and `-`.",
        )
    request = nodes_pb2.ReportRequest(
        uuid=checked_uuid(uuid),
        step=step,
        outcome=OUTCOMES[outcome],
        message=encodable(message)[:MESSAGE_LIMIT],
        log_tail=log_tail_or_note(log_tail_file, options) if log_tail_file else "",
        address=checked_address(address),
        issue=checked_code(issue),
        advice=encodable(advice)[:MESSAGE_LIMIT],
    )
    connection = Connection(options, NODE)
    response = connection.call(
        lambda channel: nodes_pb2_grpc.BootServiceStub(channel).Report, request
    )
    status = status_name(response.status)
    print(json.dumps({"status": status}) if options.notes.json else f"The node is {status}.")


def log_tail_or_note(name: str, options: Options) -> str:
    """The end of the log; a report without it is better than none."""
    try:
        return log_tail(Path(name))
    except OSError as error:
        options.notes.say(f"{name} cannot be read: {error.strerror}. The report goes without it.")
        return ""


def log_tail(path: Path) -> str:
    """The last 16 KiB of the file as text, from the beginning of a line; bad bytes as U+FFFD."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LOG_TAIL_LIMIT))
        data = file.read(LOG_TAIL_LIMIT)
    if size > LOG_TAIL_LIMIT:
        data = data.partition(b"\n")[2] or data
    return _within(data.decode("utf-8", "replace"))


def _within(text: str) -> str:
    """U+FFFD takes three bytes where the bad one took one: cut the front again."""
    return text.encode()[-LOG_TAIL_LIMIT:].decode("utf-8", "ignore")
