"""Deployments over gRPC: what operators ask, and what machines ask at the same services."""

from collections.abc import Iterator
from uuid import uuid4

import grpc
import pytest
from django.contrib.auth.models import Permission, User

from bearman.accounts.services import token_create
from profiles.models import Profile
from protos.bearman.v1 import baremetal_pb2 as pb
from protos.bearman.v1 import baremetal_pb2_grpc, nodes_pb2
from simulator.bmc.fleet import BmcFleet
from tests.baremetal.rig import ready, work
from tests.servers import Door, bearer, running_door

INSTALLED = pb.BAREMETAL_STATE_INSTALLED


@pytest.fixture
def door(room: Profile) -> Iterator[Door]:
    with running_door() as running:
        yield running


@pytest.fixture
def baremetals(door: Door) -> baremetal_pb2_grpc.BaremetalServiceStub:
    return baremetal_pb2_grpc.BaremetalServiceStub(door.channel)


def operator(name: str, *permissions: str) -> tuple[tuple[str, str | bytes], ...]:
    """The metadata of an operator with these permissions of the baremetal app."""
    user = User.objects.create_user(name)
    found = Permission.objects.filter(content_type__app_label="baremetal", codename__in=permissions)
    user.user_permissions.set(found)
    return bearer(token_create(user=user, name="t")[1])


@pytest.fixture
def olga(room: Profile) -> tuple[tuple[str, str | bytes], ...]:
    return operator("olga", "view_baremetal", "add_baremetal", "change_baremetal")


def test_an_operator_deploys_follows_and_releases(
    fleet: BmcFleet,
    door: Door,
    baremetals: baremetal_pb2_grpc.BaremetalServiceStub,
    olga: tuple[tuple[str, str | bytes], ...],
) -> None:
    machine = ready(fleet, 1)
    request = pb.DeployRequest(
        node=machine.uuid, profile="web", hostname="web-1", request_id=str(uuid4())
    )
    begun = baremetals.Deploy(request, metadata=olga).baremetal
    assert begun.hostname == "web-1"
    assert begun.service_address == "10.20.0.10"
    assert begun.addresses == ["10.20.0.10/24"]
    assert begun.created_by == "olga"
    assert baremetals.Deploy(request, metadata=olga).baremetal.id == begun.id
    work()
    machine.install()
    for name in ("web-1", "10.20.0.10", begun.id, machine.uuid, machine.node.serial):
        got = baremetals.GetBaremetal(pb.GetBaremetalRequest(baremetal=name), metadata=olga)
        assert got.baremetal.state == INSTALLED, name
    last = got.events[-1]
    assert last.to_state == INSTALLED
    later = pb.GetBaremetalRequest(baremetal="web-1", after_event=last.id)
    assert not baremetals.GetBaremetal(later, metadata=olga).events
    baremetals.Release(pb.ReleaseRequest(baremetal="web-1"), metadata=olga)
    work()
    empty = baremetals.ListBaremetals(pb.ListBaremetalsRequest(), metadata=olga)
    assert not empty.baremetals
    history = pb.ListBaremetalsRequest(states=[pb.BAREMETAL_STATE_RELEASED])
    (row,) = baremetals.ListBaremetals(history, metadata=olga).baremetals
    assert row.profile == "web"


def test_a_machine_is_served_over_grpc_as_over_http(
    fleet: BmcFleet,
    door: Door,
    baremetals: baremetal_pb2_grpc.BaremetalServiceStub,
    olga: tuple[tuple[str, str | bytes], ...],
) -> None:
    machine = ready(fleet, 1)
    baremetals.Deploy(pb.DeployRequest(node=machine.uuid, profile="web"), metadata=olga)
    work()
    asked = door.boot.Ipxe(nodes_pb2.IpxeRequest(uuid=machine.uuid))
    assert asked.script.startswith("#!ipxe\n")
    token = asked.script.partition("bearman.token=")[2].split()[0]
    answer = door.boot.Ipxe(nodes_pb2.IpxeRequest(uuid=machine.uuid), metadata=bearer(token))
    plan = answer.plan
    assert plan.kernel.size
    assert len(plan.kernel.sha256) == 64
    assert [nic.driver for nic in plan.denied_nics] == ["mlx4_core"]
    machine.token, machine.nonce = token, plan.nonce
    machine.take_seed()
    metadata = bearer(machine.token)
    profile = door.boot.Profile(
        nodes_pb2.ProfileRequest(uuid=machine.uuid, nonce=plan.nonce), metadata=metadata
    )
    assert (profile.name, profile.version) == ("web", 1)
    assert profile.install_script == "echo hello\n"
    detail = door.boot.Detail(
        nodes_pb2.DetailRequest(uuid=machine.uuid, nonce=plan.nonce), metadata=metadata
    )
    assert detail.addresses[0].vlan_id == 120
    request = nodes_pb2.InstalledRequest(uuid=machine.uuid, nonce=plan.nonce)
    assert door.boot.Installed(request, metadata=metadata).state == "INSTALLED"
    assert door.boot.Installed(request, metadata=metadata).state == "INSTALLED"
    with pytest.raises(grpc.RpcError) as refused:
        door.boot.Register(nodes_pb2.RegisterRequest(uuid=machine.uuid), metadata=metadata)
    assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize(
    ("call", "request_", "needed"),
    [
        ("Deploy", pb.DeployRequest(node="1"), "add_baremetal"),
        ("Redeploy", pb.RedeployRequest(baremetal="x"), "change_baremetal"),
        ("Release", pb.ReleaseRequest(baremetal="x"), "change_baremetal"),
        ("ListBaremetals", pb.ListBaremetalsRequest(), "view_baremetal"),
        ("GetBaremetal", pb.GetBaremetalRequest(baremetal="x"), "view_baremetal"),
    ],
)
def test_each_call_needs_its_permission(
    baremetals: baremetal_pb2_grpc.BaremetalServiceStub, call: str, request_: object, needed: str
) -> None:
    everything = {"add_baremetal", "change_baremetal", "view_baremetal"}
    metadata = operator("piet", *(everything - {needed}))
    with pytest.raises(grpc.RpcError) as refused:
        getattr(baremetals, call)(request_, metadata=metadata)
    assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
    assert f"baremetal.{needed}" in (refused.value.details() or "")


@pytest.mark.parametrize(
    ("request_", "code", "words"),
    [
        (pb.DeployRequest(node="999", profile="web"), "NOT_FOUND", "There is no node '999'"),
        (pb.DeployRequest(node="N", profile="nope"), "NOT_FOUND", "There is no profile 'nope'"),
        (pb.DeployRequest(node="N"), "INVALID_ARGUMENT", "no default profile"),
        (
            pb.DeployRequest(node="N", profile="web", hostname="a b"),
            "INVALID_ARGUMENT",
            "host name",
        ),
        (pb.DeployRequest(node="N", profile="web", request_id="x"), "INVALID_ARGUMENT", "UUID"),
        (pb.DeployRequest(node="N", profile="web", ssh_keys=["x"]), "INVALID_ARGUMENT", "SSH key"),
    ],
)
def test_each_refusal_has_its_sentence(
    fleet: BmcFleet,
    baremetals: baremetal_pb2_grpc.BaremetalServiceStub,
    olga: tuple[tuple[str, str | bytes], ...],
    request_: pb.DeployRequest,
    code: str,
    words: str,
) -> None:
    machine = ready(fleet, 1)
    if request_.node == "N":
        request_ = pb.DeployRequest.FromString(request_.SerializeToString())
        request_.node = str(machine.node.pk)
    with pytest.raises(grpc.RpcError) as refused:
        baremetals.Deploy(request_, metadata=olga)
    assert refused.value.code().name == code
    assert words in (refused.value.details() or "")
    assert machine.status() == "READY"
