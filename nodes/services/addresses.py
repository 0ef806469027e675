"""The address and the credential that a node's BMC shall have."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction

from bearman.lib.errors import Conflict
from ipman.client import ipman
from ipman.services import AllocatedAddress
from nodes import credentials
from nodes.models import Bmc, EventKind, Node
from nodes.services.status import event_add
from nodes.states import NodeStatus

PURPOSE = "ipmi"
IPV4 = 4  # what `ipmitool lan set` knows; IPv6 has other parameters (IPMI 2.0 section 23.2)


@dataclass(frozen=True, slots=True)
class BmcPlan:
    """How the node must set its BMC."""

    address: str
    netmask: str
    prefix_length: int
    gateway: str
    vlan_id: int
    channel: int
    user_slot: int
    username: str
    password: str = field(repr=False)


def owner_of(node: Node) -> str:
    """Return the name under which IPman knows the node."""
    return f"node:{node.pk}"


def pending_forget(*, node_id: int) -> None:
    """Forget the password that is not proven yet: this is a new boot of the node.

    Whoever booted before may not have been the machine, and must not know what is set now.
    """
    Bmc.objects.filter(node_id=node_id).update(pending_password=None)


def bmc_prepare(*, node: Node) -> BmcPlan:
    """Give the node's BMC an address from IPman and a password that no other machine has.

    The same node always gets the same address, and within one boot the same password (see
    `pending_forget`). Raises Conflict, NotFound, PoolExhausted or Unavailable.
    """
    if node.zone is None:
        raise Conflict(
            f"No availability zone covers {node.address}.",
            advice="Add that network to a zone in the Admin, then register the machine again.",
        )
    given = ipman().allocate(
        zone=node.zone.name, purpose=PURPOSE, owner=owner_of(node), family=IPV4
    )
    try:
        return _plan(_bmc_set(node, given), given)
    except Conflict:
        if Node.objects.filter(pk=node.pk, status=NodeStatus.RETIRED).exists():
            ipman().release(owner=owner_of(node))
        raise


def _bmc_set(node: Node, given: AllocatedAddress) -> Bmc:
    with transaction.atomic():
        status = Node.objects.select_for_update(no_key=True).only("status").get(pk=node.pk).status
        if status != NodeStatus.REGISTERING:  # an operator was faster
            raise Conflict(f"Node {node.pk} is {status} by now and gets no address.")
        bmc, _ = Bmc.objects.select_for_update().get_or_create(node=node, defaults=_slot())
        if bmc.pending_password is None:
            bmc.pending_password = credentials.encrypt(credentials.new_password())
        if bmc.address != given.address:
            event_add(
                node_id=node.pk,
                kind=EventKind.ADDRESS,
                step="address",
                message=f"IPman gave its BMC {given.address} from pool {given.pool}.",
            )
        _settle(bmc, given)
    return bmc


def _slot() -> dict[str, str | int]:
    return {
        "username": settings.BMC_USERNAME,
        "user_slot": settings.BMC_USER_SLOT,
        "channel": settings.BMC_CHANNEL,
    }


def _settle(bmc: Bmc, given: AllocatedAddress) -> None:
    bmc.address, bmc.prefix_length = given.address, given.prefix_length
    bmc.gateway, bmc.vlan_id = given.gateway or None, given.vlan_id or None
    bmc.proving_since, bmc.last_error = None, ""
    for name, value in _slot().items():
        setattr(bmc, name, value)
    bmc.save()


def _plan(bmc: Bmc, given: AllocatedAddress) -> BmcPlan:
    assert bmc.pending_password is not None
    return BmcPlan(
        address=given.address,
        netmask=given.netmask,
        prefix_length=given.prefix_length,
        gateway=given.gateway or "",
        vlan_id=given.vlan_id or 0,
        channel=bmc.channel,
        user_slot=bmc.user_slot,
        username=bmc.username,
        password=credentials.decrypt(bmc.pending_password),
    )
