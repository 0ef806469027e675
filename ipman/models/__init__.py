"""What IPman keeps: pools, the ranges reserved in them, and addresses."""

from ipman.models.address import Address
from ipman.models.pool import Pool, Purpose
from ipman.models.reserved_range import ReservedRange

__all__ = ["Address", "Pool", "Purpose", "ReservedRange"]
