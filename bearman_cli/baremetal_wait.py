"""What `bearman-cli baremetal wait` does."""

from bearman_cli import deploy_outcome
from bearman_cli.baremetal_show import get, last_log
from bearman_cli.connection import Connection
from bearman_cli.deploy_follow import PATIENT, Follower
from bearman_cli.deploy_timeline import TimeLine
from bearman_cli.options import Options
from protos.bearman.v1 import baremetal_pb2 as pb


def run(options: Options, *, baremetal: str, seconds: float | None) -> None:
    """Show what happens from now on until it is at rest."""
    connection = Connection(options, PATIENT)
    found = get(connection, baremetal)
    last_event = found.events[-1].id if found.events else 0
    time_line = TimeLine(options.notes, last_event, last_log(found.events))
    last = Follower(connection, found.baremetal, time_line).to_the_end(seconds)
    good = pb.BAREMETAL_STATE_INSTALLED, pb.BAREMETAL_STATE_RELEASED
    deploy_outcome.ended(options.notes, last, time_line.log, *good)
