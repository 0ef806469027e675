"""An address that somebody has, as the doors and other apps see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network

from ipman.models import Address


@dataclass(frozen=True, slots=True)
class AllocatedAddress:
    """An owner's address and the network around it."""

    address: str
    prefix_length: int
    gateway: str | None
    vlan_id: int | None
    pool: str
    zone: str
    purpose: str
    owner: str
    key: str
    allocated_at: datetime
    created: bool  # by this call; False where the owner had it before

    @classmethod
    def of(cls, row: Address, *, created: bool) -> AllocatedAddress:
        """Return what the row of an address in use says, with its pool."""
        assert row.owner is not None
        assert row.allocated_at is not None
        return cls(
            address=row.address,
            prefix_length=row.pool.prefix_length,
            gateway=row.pool.gateway,
            vlan_id=row.pool.vlan_id,
            pool=row.pool.name,
            zone=row.pool.zone,
            purpose=row.pool.purpose,
            owner=row.owner,
            key=row.key,
            allocated_at=row.allocated_at,
            created=created,
        )

    @property
    def netmask(self) -> str:
        """The mask in dotted form; empty for IPv6, which has none."""
        if ":" in self.address:
            return ""
        return str(ip_network((0, self.prefix_length)).netmask)
