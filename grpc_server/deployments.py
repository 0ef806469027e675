"""Deployments as protobuf messages."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from baremetal.models import Baremetal, BaremetalEvent
from baremetal.states import BaremetalState
from grpc_server.messages import issue_title
from protos.bearman.v1 import baremetal_pb2 as pb

_STATE = {
    state: pb.BaremetalState.Value(f"BAREMETAL_STATE_{state.name}") for state in BaremetalState
}
_BACK = {int(number): state for state, number in _STATE.items()}


def state_out(state: str) -> pb.BaremetalState.ValueType:
    """Return the number of a state; 0 for an empty one."""
    return _STATE[BaremetalState(state)] if state else pb.BAREMETAL_STATE_UNSPECIFIED


def state_in(number: int) -> BaremetalState | None:
    """Return the state behind a number; None for one that is unknown."""
    return _BACK.get(number)


def baremetal(row: Baremetal) -> pb.Baremetal:
    """Return the row of a list. Takes the node as already fetched."""
    return pb.Baremetal(
        id=str(row.pk),
        hostname=row.hostname,
        node_id=str(row.node_id),
        node_label=str(row.node),
        profile=row.profile_name,
        profile_version=row.profile_version,
        image=row.image_label,
        service_address=row.service_address or "",
        addresses=[f"{a['address']}/{a['prefix_length']}" for a in row.addresses],
        vlan_id=row.vlan_id or 0,
        state=state_out(row.state),
        step=row.step,
        reason=row.reason,
        advice=row.advice,
        attempt=row.attempt,
        cold_boot=row.cold_boot,
        deadline=_time(row.deadline),
        created_at=_time(row.created_at),
        state_since=_time(row.state_since),
        installed_at=_time(row.installed_at),
        created_by=row.created_by,
        issue=row.issue,
        issue_title=issue_title(row.issue),
    )


def event(row: BaremetalEvent) -> pb.BaremetalEvent:
    """Return one entry of the time line."""
    return pb.BaremetalEvent(
        id=row.pk,
        at=_time(row.at),
        actor=row.actor,
        kind=row.kind,
        to_state=state_out(row.to_state),
        step=row.step,
        message=row.message,
        log_tail=row.log_tail,
        issue=row.issue,
    )


def _time(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
