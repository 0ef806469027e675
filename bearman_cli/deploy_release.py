"""What `bearman-cli release` does."""

from bearman_cli import confirm, deploy_outcome
from bearman_cli.baremetal_list import state_name
from bearman_cli.baremetal_show import get
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.deploy import Wait
from bearman_cli.deploy_follow import PATIENT, Follower
from bearman_cli.deploy_timeline import TimeLine
from bearman_cli.options import Options
from protos.bearman.v1 import baremetal_pb2 as pb
from protos.bearman.v1 import baremetal_pb2_grpc

GOING = {pb.BAREMETAL_STATE_RELEASING, pb.BAREMETAL_STATE_RELEASED}


def run(options: Options, *, baremetal: str, yes: bool, wait: Wait) -> None:
    """Begin the release of just the one that was named in the question, whatever it is called."""
    connection = Connection(options, OPERATOR)
    found = get(connection, baremetal)
    now = found.baremetal
    if now.state not in GOING:
        confirm.require(_question(now), yes=yes)
    released = connection.call(
        lambda channel: baremetal_pb2_grpc.BaremetalServiceStub(channel).Release,
        pb.ReleaseRequest(baremetal=now.id),
    ).baremetal
    if not wait.wanted:
        deploy_outcome.begun(options.notes, released)
        return
    time_line = TimeLine(options.notes, found.events[-1].id if found.events else 0)
    last = Follower(Connection(options, PATIENT), released, time_line).to_the_end(wait.seconds)
    deploy_outcome.ended(options.notes, last, time_line.log, pb.BAREMETAL_STATE_RELEASED)


def _question(baremetal: pb.Baremetal) -> str:
    return (
        f"Switch off {baremetal.hostname} ({baremetal.service_address or 'no address'}, "
        f"{baremetal.profile}, {state_name(baremetal.state)}) on {baremetal.node_label}, "
        "and give its addresses back?"
    )
