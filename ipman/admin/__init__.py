"""IPman's pages in the Admin."""

from ipman.admin.address import AddressAdmin
from ipman.admin.pool import PoolAdmin

__all__ = ["AddressAdmin", "PoolAdmin"]
