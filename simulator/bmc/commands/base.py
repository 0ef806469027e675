"""What a command is: who may use it, how long its request is, what it does."""

from collections.abc import Callable
from typing import NamedTuple

from simulator.bmc.completion import Code, CommandError
from simulator.bmc.device import SimulatedBmc
from simulator.bmc.sessions import Session
from simulator.bmc.users import Privilege

ANYONE = 0  # commands that are accepted outside of a session: IPMI 2.0 appendix G
USER, OPERATOR, ADMINISTRATOR = Privilege.USER, Privilege.OPERATOR, Privilege.ADMINISTRATOR

CHANNEL = 1  # the LAN channel
PRESENT_CHANNEL = 0x0E  # the channel that the request comes from: section 6.3

Handler = Callable[[SimulatedBmc, Session | None, bytes], bytes]


class Command(NamedTuple):
    """A handler with its least privilege and least number of request bytes (appendix G)."""

    privilege: int
    min_length: int
    handler: Handler


def require_lan_channel(number: int) -> None:
    """Raise the completion code for a channel that this BMC does not have."""
    if number & 0x0F not in (CHANNEL, PRESENT_CHANNEL):
        raise CommandError(Code.INVALID_FIELD)
