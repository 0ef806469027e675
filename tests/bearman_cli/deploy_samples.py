"""Deployments as Bearman tells of them."""

from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from protos.bearman.v1 import baremetal_pb2 as pb
from protos.bearman.v1 import profiles_pb2
from tests.bearman_cli.samples import SEEN

START, DEPLOYING = pb.BAREMETAL_STATE_DEPLOY_START, pb.BAREMETAL_STATE_DEPLOYING
INSTALLED, ERROR = pb.BAREMETAL_STATE_INSTALLED, pb.BAREMETAL_STATE_UNRECOVERABLE_ERROR
RELEASING, RELEASED = pb.BAREMETAL_STATE_RELEASING, pb.BAREMETAL_STATE_RELEASED
UNCHANGED = pb.BAREMETAL_STATE_UNSPECIFIED


def baremetal(state: int = INSTALLED, **more: Any) -> pb.Baremetal:
    """One of the machines of a site."""
    values: dict[str, Any] = {
        "id": "7",
        "hostname": "web-1",
        "node_id": "17",
        "node_label": "Dell Inc. PowerEdge R640 SN00017",
        "profile": "ubuntu",
        "profile_version": 3,
        "image": "noble/2026.05",
        "service_address": "10.20.0.5",
        "addresses": ["10.20.0.5/24", "2001:db8::5/64"],
        "vlan_id": 20,
        "attempt": 1,
        "created_at": SEEN,
        "state_since": SEEN,
        "created_by": "ada",
    }
    return pb.Baremetal(state=state, **(values | more))  # type: ignore[arg-type]


def event(
    number: int, seconds: float, state: int, step: str, message: str, log_tail: str = ""
) -> pb.BaremetalEvent:
    """What happened so many seconds after the beginning."""
    at = Timestamp(seconds=SEEN.seconds + int(seconds), nanos=int(seconds % 1 * 1e9))
    return pb.BaremetalEvent(
        id=number,
        at=at,
        actor="node",
        kind="state" if state else "progress",
        to_state=state,  # type: ignore[arg-type]
        step=step,
        message=message,
        log_tail=log_tail,
    )


TO_INSTALLED = (
    event(101, 0, START, "power_on", "Asked for by ada."),
    event(102, 14.2, UNCHANGED, "stage_one", "It asked what to boot."),
    event(103, 74.2, DEPLOYING, "kexec", "It fetches the system."),
    event(104, 200, INSTALLED, "", "It says that it is installed."),
)
TO_ERROR = (
    event(101, 0, START, "power_on", "Asked for by ada."),
    event(102, 30, DEPLOYING, "configure", "It runs the install script."),
    event(103, 31, ERROR, "configure", "The script ended with 3.", "one\ntwo\nE: no such disk"),
)


def failed() -> pb.Baremetal:
    """The machine whose install script failed."""
    reason, advice = "The install script ended with 3.", "Mend the script and redeploy."
    return baremetal(ERROR, step="configure", reason=reason, advice=advice)


def life(
    events: tuple[pb.BaremetalEvent, ...], last: pb.Baremetal
) -> Callable[[pb.GetBaremetalRequest, grpc.ServicerContext], pb.GetBaremetalResponse]:
    """A GetBaremetal that lets one thing happen between two calls; `last` is how it ends."""
    calls = 0

    def answer(
        request: pb.GetBaremetalRequest, context: grpc.ServicerContext
    ) -> pb.GetBaremetalResponse:
        nonlocal calls
        calls += 1
        happened = events[:calls]
        row = last if len(happened) == len(events) else baremetal(DEPLOYING, step=happened[-1].step)
        new = [one for one in happened if one.id > request.after_event]
        return pb.GetBaremetalResponse(baremetal=row, events=new)

    return answer


def profile(name: str = "ubuntu") -> profiles_pb2.Profile:
    """A profile that is held at a version."""
    return profiles_pb2.Profile(
        name=name,
        version=3,
        config_format="cloud-init",
        image=profiles_pb2.ImageVersion(
            name="noble", version="2026.05", size=734_003_200, built_at=SEEN
        ),
        held=True,
        append="console=ttyS0 hostname={{ hostname }}",
        boots_root=True,
        notes="For the web.",
        machines=12,
    )
