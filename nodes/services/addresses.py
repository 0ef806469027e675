"""The address and the credential that a node's BMC shall have."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection

from bearman.lib.errors import Conflict
from bearman.lib.issues import addresses
from ipman.client import ipman
from ipman.services import AllocatedAddress
from nodes import credentials
from nodes.models import Bmc, Node
from nodes.states import NodeStatus

PURPOSE = "ipmi"
IPV4 = 4  # what `ipmitool lan set` knows; IPv6 has other parameters (IPMI 2.0 section 23.2)

# One statement, which either finds the node still registering, and keeps operators away from it
# until it is done, or does nothing. Within one boot the first pending password stays.
_SET = """
WITH before AS (
    SELECT address FROM nodes_bmc WHERE node_id = %(node)s
), given AS (
    INSERT INTO nodes_bmc AS bmc (node_id, address, prefix_length, gateway, vlan_id, channel,
        user_slot, username, pending_password, power, identify_on, last_error, busy_with)
    SELECT id, %(address)s::inet, %(prefix_length)s, %(gateway)s::inet, %(vlan_id)s::smallint,
        %(channel)s, %(user_slot)s, %(username)s, %(password)s::bytea, '', false, '', ''
    FROM nodes_node WHERE id = %(node)s AND status = 'REGISTERING'
    FOR NO KEY UPDATE
    ON CONFLICT (node_id) DO UPDATE SET
        address = excluded.address, prefix_length = excluded.prefix_length,
        gateway = excluded.gateway, vlan_id = excluded.vlan_id, channel = excluded.channel,
        user_slot = excluded.user_slot, username = excluded.username,
        pending_password = coalesce(bmc.pending_password, excluded.pending_password),
        proving_since = NULL, last_error = ''
    RETURNING address, pending_password
), told AS (
    INSERT INTO nodes_nodeevent
        (node_id, actor, kind, from_status, to_status, step, message, log_tail)
    SELECT %(node)s, 'system', 'address', '', '', 'address', %(words)s, '' FROM given
    WHERE address IS DISTINCT FROM (SELECT address FROM before)
)
SELECT pending_password FROM given
"""


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
    """Return the name under which IPman knows the node; several Bearmans may share an IPman."""
    return f"node:{node.key}"


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
        raise Conflict(f"No availability zone covers {node.address}.", issue=addresses.NO_ZONE)
    given = _allocated(owner_of(node), node.zone.name)
    try:
        return _plan(given, _bmc_set(node, given))
    except Conflict:
        if Node.objects.filter(pk=node.pk, status=NodeStatus.RETIRED).exists():
            ipman().release(owner=owner_of(node))
        raise


def _allocated(owner: str, zone: str) -> AllocatedAddress:
    """Return the owner's address in this zone; one that it has in another zone goes back."""
    try:
        return ipman().allocate(zone=zone, purpose=PURPOSE, owner=owner, family=IPV4)
    except Conflict:
        ipman().release(owner=owner)
        return ipman().allocate(zone=zone, purpose=PURPOSE, owner=owner, family=IPV4)


def _bmc_set(node: Node, given: AllocatedAddress) -> str:
    """Write what the BMC shall have, and return the password that is pending."""
    values: dict[str, Any] = {
        "node": node.pk,
        "address": given.address,
        "prefix_length": given.prefix_length,
        "gateway": given.gateway or None,
        "vlan_id": given.vlan_id or None,
        "channel": settings.BMC_CHANNEL,
        "user_slot": settings.BMC_USER_SLOT,
        "username": settings.BMC_USERNAME,
        "password": credentials.encrypt(credentials.new_password()),
        "words": f"IPman gave its BMC {given.address} from pool {given.pool}.",
    }
    with connection.cursor() as cursor:
        cursor.execute(_SET, values)
        kept = cursor.fetchone()
    if kept is None:  # an operator was faster
        status = Node.objects.values_list("status", flat=True).get(pk=node.pk)
        raise Conflict(f"Node {node.pk} is {status} by now and gets no address.")
    return credentials.decrypt(kept[0])


def _plan(given: AllocatedAddress, password: str) -> BmcPlan:
    return BmcPlan(
        address=given.address,
        netmask=given.netmask,
        prefix_length=given.prefix_length,
        gateway=given.gateway or "",
        vlan_id=given.vlan_id or 0,
        channel=settings.BMC_CHANNEL,
        user_slot=settings.BMC_USER_SLOT,
        username=settings.BMC_USERNAME,
        password=password,
    )
