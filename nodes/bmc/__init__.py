"""BMC drivers: driver_for(endpoint) gives the one to use. No Django in here."""

from nodes.bmc.base import (
    BmcDriver,
    BmcEndpoint,
    BmcTimings,
    BootDevice,
    BootOverride,
    PowerState,
)
from nodes.bmc.errors import BmcAuthError, BmcError, BmcProtocolError, BmcRefused, BmcTimeout
from nodes.bmc.ipmi import IpmiDriver

__all__ = [
    "BmcAuthError",
    "BmcDriver",
    "BmcEndpoint",
    "BmcError",
    "BmcProtocolError",
    "BmcRefused",
    "BmcTimeout",
    "BmcTimings",
    "BootDevice",
    "BootOverride",
    "PowerState",
    "driver_for",
]

_DRIVERS = {"ipmi": IpmiDriver}


def driver_for(
    endpoint: BmcEndpoint, kind: str = "ipmi", timings: BmcTimings | None = None
) -> BmcDriver:
    """The driver for a BMC of that kind; raises ValueError for a kind that there is not."""
    if kind not in _DRIVERS:
        raise ValueError(f"BMC kind {kind!r} is none of {', '.join(sorted(_DRIVERS))}")
    return _DRIVERS[kind](endpoint, timings or BmcTimings())
