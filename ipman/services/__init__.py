"""The rules of IPman: the only code that writes its tables."""

from ipman.services.allocated import AllocatedAddress
from ipman.services.allocation import address_allocate
from ipman.services.pools import (
    pool_delete,
    pool_save,
    reserved_range_delete,
    reserved_range_save,
)
from ipman.services.release import address_release
from ipman.services.reservation import address_reserve

__all__ = [
    "AllocatedAddress",
    "address_allocate",
    "address_release",
    "address_reserve",
    "pool_delete",
    "pool_save",
    "reserved_range_delete",
    "reserved_range_save",
]
