"""bearman.v1.BaremetalService: what operators have done with machines."""

import uuid

import grpc

from baremetal import selectors
from baremetal.models import Baremetal
from baremetal.selectors import BaremetalFilter
from baremetal.services.deploy import baremetal_deploy, baremetal_redeploy
from baremetal.services.release import baremetal_release
from baremetal.states import BaremetalState
from bearman.lib.errors import Invalid
from grpc_server import deployments
from grpc_server.caller import operator
from grpc_server.paging import DEFAULT_PAGE, MAX_PAGE, page_token
from nodes.selectors import MAX_QUERY, node_find
from profiles.models import Profile
from profiles.selectors import profile_find
from protos.bearman.v1 import baremetal_pb2 as pb
from protos.bearman.v1 import baremetal_pb2_grpc

VIEW = "baremetal.view_baremetal"
ADD = "baremetal.add_baremetal"
CHANGE = "baremetal.change_baremetal"


class BaremetalServicer(baremetal_pb2_grpc.BaremetalServiceServicer):
    """Each method is documented in protos/bearman/v1/baremetal.proto."""

    def Deploy(self, request: pb.DeployRequest, context: grpc.ServicerContext) -> pb.DeployResponse:
        """See baremetal.services.deploy.baremetal_deploy."""
        actor = operator(context, ADD).get_username()
        row = baremetal_deploy(
            node=node_find(name=request.node[:MAX_QUERY]),
            profile=_profile(request.profile),
            actor=actor,
            hostname=request.hostname[:MAX_QUERY],
            ssh_keys=list(request.ssh_keys),
            request_id=_request_id(request.request_id),
        )
        return pb.DeployResponse(baremetal=_again(row))

    def Redeploy(
        self, request: pb.RedeployRequest, context: grpc.ServicerContext
    ) -> pb.RedeployResponse:
        """See baremetal.services.deploy.baremetal_redeploy."""
        actor = operator(context, CHANGE).get_username()
        row = baremetal_redeploy(
            row=selectors.baremetal_find(name=request.baremetal),
            profile=_profile(request.profile),
            actor=actor,
            request_id=_request_id(request.request_id),
        )
        return pb.RedeployResponse(baremetal=_again(row))

    def Release(
        self, request: pb.ReleaseRequest, context: grpc.ServicerContext
    ) -> pb.ReleaseResponse:
        """See baremetal.services.release.baremetal_release."""
        actor = operator(context, CHANGE).get_username()
        row = baremetal_release(row=selectors.baremetal_find(name=request.baremetal), actor=actor)
        return pb.ReleaseResponse(baremetal=_again(row))

    def ListBaremetals(
        self, request: pb.ListBaremetalsRequest, context: grpc.ServicerContext
    ) -> pb.ListBaremetalsResponse:
        """List them, newest first; the page token is the id of the last row."""
        operator(context, VIEW)
        size = min(request.page_size or DEFAULT_PAGE, MAX_PAGE)
        rows = selectors.baremetals_list(
            wanted=BaremetalFilter(_states(request), request.profile, request.query.strip()),
            before_id=page_token(request.page_token),
            limit=size + 1,
        )
        more = str(rows[size - 1].pk) if len(rows) > size else ""
        return pb.ListBaremetalsResponse(
            baremetals=map(deployments.baremetal, rows[:size]), next_page_token=more
        )

    def GetBaremetal(
        self, request: pb.GetBaremetalRequest, context: grpc.ServicerContext
    ) -> pb.GetBaremetalResponse:
        """Get one by whatever a person may call it, with its events."""
        operator(context, VIEW)
        row = selectors.baremetal_find(name=request.baremetal)
        # The events first: a row that is read later is never behind the last of them.
        events = selectors.baremetal_events(
            baremetal_id=row.pk, after_id=min(request.after_event, 2**63 - 1)
        )
        return pb.GetBaremetalResponse(baremetal=_again(row), events=map(deployments.event, events))


def _again(row: Baremetal) -> pb.Baremetal:
    """Return the row as it is in the database by now."""
    return deployments.baremetal(selectors.with_names().get(pk=row.pk))


def _profile(name: str) -> Profile | None:
    return profile_find(name=name[:MAX_QUERY]) if name else None


def _request_id(text: str) -> uuid.UUID | None:
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Invalid("`request_id` is not a UUID.") from error


def _states(request: pb.ListBaremetalsRequest) -> list[BaremetalState]:
    states = [deployments.state_in(number) for number in request.states]
    known = [state for state in states if state is not None]
    if len(known) < len(states):
        raise Invalid("`states` has a number that is no state.")
    return known
