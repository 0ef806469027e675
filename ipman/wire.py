"""Addresses and pools as messages of protos/ipman/v1, for both ends of the connection."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from ipman.models import Purpose
from ipman.selectors import PoolUsage
from ipman.services import AllocatedAddress
from protos.ipman.v1 import ipman_pb2 as pb

_PURPOSES = {
    Purpose.IPMI.value: pb.PURPOSE_IPMI,
    Purpose.SERVICE.value: pb.PURPOSE_SERVICE,
}
_BACK: dict[int, str] = {int(number): purpose for purpose, number in _PURPOSES.items()}


def purpose_out(purpose: str) -> pb.Purpose.ValueType:
    """Return the number of a purpose; 0 for one that the protocol does not know."""
    return _PURPOSES.get(purpose, pb.PURPOSE_UNSPECIFIED)


def purpose_in(number: int) -> str:
    """Return the purpose behind a number; empty for one that is unknown."""
    return _BACK.get(number, "")


def address_out(given: AllocatedAddress) -> pb.Address:
    """Return an address as its message."""
    since = Timestamp()
    since.FromDatetime(given.allocated_at)
    return pb.Address(
        address=given.address,
        prefix_length=given.prefix_length,
        gateway=given.gateway or "",
        vlan_id=given.vlan_id or 0,
        pool=given.pool,
        zone=given.zone,
        purpose=purpose_out(given.purpose),
        owner=given.owner,
        key=given.key,
        allocated_at=since,
    )


def address_in(message: pb.Address, *, created: bool) -> AllocatedAddress:
    """Return the address in a message."""
    since: datetime = message.allocated_at.ToDatetime(tzinfo=UTC)
    return AllocatedAddress(
        address=message.address,
        prefix_length=message.prefix_length,
        gateway=message.gateway or None,
        vlan_id=message.vlan_id or None,
        pool=message.pool,
        zone=message.zone,
        purpose=purpose_in(message.purpose),
        owner=message.owner,
        key=message.key,
        allocated_at=since,
        created=created,
    )


def pool_out(usage: PoolUsage) -> pb.Pool:
    """Return a pool and its use as a message."""
    pool = usage.pool
    return pb.Pool(
        name=pool.name,
        zone=pool.zone,
        purpose=purpose_out(pool.purpose),
        first=pool.first,
        last=pool.last,
        prefix_length=pool.prefix_length,
        gateway=pool.gateway or "",
        vlan_id=pool.vlan_id or 0,
        capacity=str(usage.capacity),
        used=usage.used,
        resting=usage.resting,
        nearly_full=usage.nearly_full,
    )
