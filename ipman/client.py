"""IPman for other apps: in this process, or a remote one where BEARMAN_IPMAN_TARGET is set."""

import os
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings

from ipman import services
from ipman.remote import RemoteIpman
from ipman.services import AllocatedAddress


class Ipman(Protocol):
    """What other apps may ask of IPman; all of it may be repeated without harm.

    All methods raise errors of bearman.lib.errors, the same ones near and far. None may be called
    inside a transaction.
    """

    def allocate(
        self,
        *,
        zone: str,
        purpose: str,
        owner: str,
        key: str = "",
        family: int = 0,
        pool: str = "",
    ) -> AllocatedAddress:
        """See ipman.services.address_allocate."""
        ...

    def release(self, *, owner: str, key: str = "") -> list[str]:
        """See ipman.services.address_release."""
        ...

    def reserve(self, *, address: str, owner: str, key: str = "") -> AllocatedAddress:
        """See ipman.services.address_reserve."""
        ...


class LocalIpman:
    """The IPman in this process."""

    def allocate(
        self,
        *,
        zone: str,
        purpose: str,
        owner: str,
        key: str = "",
        family: int = 0,
        pool: str = "",
    ) -> AllocatedAddress:
        """See ipman.services.address_allocate."""
        return services.address_allocate(
            zone=zone, purpose=purpose, owner=owner, key=key, family=family, pool=pool
        )

    def release(self, *, owner: str, key: str = "") -> list[str]:
        """See ipman.services.address_release."""
        return services.address_release(owner=owner, key=key)

    def reserve(self, *, address: str, owner: str, key: str = "") -> AllocatedAddress:
        """See ipman.services.address_reserve."""
        return services.address_reserve(address=address, owner=owner, key=key)


def ipman() -> Ipman:
    """Return the IPman that the settings choose."""
    if not settings.IPMAN_TARGET:
        return LocalIpman()
    return _remote(settings.IPMAN_TARGET, os.getpid())


@cache
def _remote(target: str, process: int) -> RemoteIpman:
    """Return a client for each process: a gRPC channel does not survive a fork."""
    roots = Path(settings.IPMAN_CA).read_bytes() if settings.IPMAN_CA else None
    return RemoteIpman(target, token=settings.IPMAN_TOKEN, roots=roots)
