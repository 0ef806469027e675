"""What `bearman-cli deploy` and `bearman-cli redeploy` do."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from bearman_cli import confirm, deploy_keys, deploy_outcome
from bearman_cli.baremetal_show import get
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.deploy_follow import PATIENT, Follower
from bearman_cli.deploy_timeline import TimeLine
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.options import Options
from bearman_cli.text import encodable
from protos.bearman.v1 import baremetal_pb2 as pb
from protos.bearman.v1 import baremetal_pb2_grpc


@dataclass(frozen=True)
class Wait:
    """Whether to follow it to its end, and for how many seconds at most."""

    wanted: bool = False
    seconds: float | None = None


def run(
    options: Options,
    *,
    node: str,
    profile: str,
    hostname: str,
    key_files: Sequence[str],
    wait: Wait,
) -> None:
    """Begin a deployment; the request has a number of its own, so that retries are safe."""
    request = pb.DeployRequest(
        node=encodable(node),
        profile=encodable(profile),
        hostname=encodable(hostname),
        ssh_keys=deploy_keys.read(key_files),
        request_id=str(uuid4()),
    )
    connection = Connection(options, OPERATOR)
    try:
        response = connection.call(
            lambda channel: baremetal_pb2_grpc.BaremetalServiceStub(channel).Deploy, request
        )
    except KeyboardInterrupt:
        raise _perhaps_begun() from None
    _follow_or_leave(options, response.baremetal, 0, wait)


def run_again(options: Options, *, baremetal: str, profile: str, yes: bool, wait: Wait) -> None:
    """Begin a deployment of what has one already."""
    connection = Connection(options, OPERATOR)
    found = get(connection, baremetal)
    now = found.baremetal
    confirm.require(_question(now, profile or now.profile), yes=yes)
    request = pb.RedeployRequest(
        baremetal=now.id, profile=encodable(profile), request_id=str(uuid4())
    )
    try:
        response = connection.call(
            lambda channel: baremetal_pb2_grpc.BaremetalServiceStub(channel).Redeploy, request
        )
    except KeyboardInterrupt:
        raise _perhaps_begun() from None
    last_event = found.events[-1].id if found.events else 0
    _follow_or_leave(options, response.baremetal, last_event, wait)


def _question(baremetal: pb.Baremetal, profile: str) -> str:
    return (
        f"Deploy {profile} on {baremetal.hostname} ({baremetal.service_address or 'no address'}, "
        f"{baremetal.node_label}), and lose what is on it?"
    )


def _follow_or_leave(
    options: Options, baremetal: pb.Baremetal, after_event: int, wait: Wait
) -> None:
    if not wait.wanted:
        deploy_outcome.begun(options.notes, baremetal)
        return
    time_line = TimeLine(options.notes, after_event)
    follower = Follower(Connection(options, PATIENT), baremetal, time_line)
    last = follower.to_the_end(wait.seconds)
    deploy_outcome.ended(options.notes, last, time_line.log, pb.BAREMETAL_STATE_INSTALLED)


def _perhaps_begun() -> CliError:
    return CliError(
        ExitCode.INTERRUPTED,
        "It is not known whether the deployment has begun.",
        "If it has, it goes on: see `bearman-cli baremetal list`.",
    )
