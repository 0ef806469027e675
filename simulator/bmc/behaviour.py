"""How a BMC behaves: power actions, what the machine does then, and what is broken."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum

Reaction = Callable[[], Awaitable[None] | None]


class PowerAction(IntEnum):
    """What Chassis Control can ask: IPMI 2.0 section 28.3."""

    OFF = 0
    ON = 1
    CYCLE = 2
    RESET = 3
    SOFT_OFF = 5


class PowerRefusedError(Exception):
    """The BMC does not carry out a power command, in this state or at all."""


class Identify(IntEnum):
    """State of the identify light: IPMI 2.0 section 28.2, misc chassis state."""

    OFF = 0
    TIMED = 1
    FORCED = 2


@dataclass
class BmcFaults:
    """What is broken about a BMC; may be changed at any moment while it runs."""

    silent: bool = False  # never answers
    wrong_password: bool = False  # takes a new password and keeps another
    ignores_lan_set: bool = False  # acknowledges an address that never comes up
    slow_s: float = 0.0  # seconds before each reply
    refuses_power: bool = False  # answers power commands with an error
    power_on_but_stays_off: bool = False  # acknowledges power on and does nothing
    silence_at_power_on_s: float = 0.0  # seconds without an answer, once, instead of a power on
    forgets_boot_device: bool = False  # acknowledges the next boot device and forgets it; once


@dataclass(frozen=True)
class Reactions:
    """What the machine does when its BMC switches it: plain functions or coroutine functions.

    They run in the fleet's event loop, one after the other for each BMC: a plain function must
    not block, a coroutine starts or stops the machine and returns. Without `soft_off` a soft
    off is immediate; with it, the machine says when it has stopped.
    """

    power_on: Reaction | None = None
    power_off: Reaction | None = None
    soft_off: Reaction | None = None
