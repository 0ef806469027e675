"""What a fault of a simulated machine is: what is broken, and how Bearman should judge it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from simulator.bmc import BmcFaults
from simulator.hardware.identity import Identity

READY, REGISTERING = "READY", "REGISTERING"
REGISTER_FAILED, QUARANTINED = "REGISTER_FAILED", "QUARANTINED"
DEPLOY_START, DEPLOYING, INSTALLED = "DEPLOY_START", "DEPLOYING", "INSTALLED"
UNRECOVERABLE_ERROR = "UNRECOVERABLE_ERROR"
OTHER_SYSTEM = "another system"  # one that Bearman has nothing to do with
UNREGISTERED = "unregistered"  # Bearman has no node for the machine


class Trick(Enum):
    """What a machine does wrong while it runs."""

    FREEZES = auto()  # at its first word to the BMC, for ever
    LOSES_POWER = auto()  # at its first word to the BMC, once; a second later it is pressed again
    STAYS_ON = auto()  # ignores poweroff
    LOSES_NETWORK = auto()  # between iPXE and stage one
    KEXEC_HANGS = auto()  # in each kexec: the screen stays dark
    SILENT_AFTER_KEXEC = auto()  # the system that was kexec'd says nothing
    NEVER_CALLS_BACK = auto()  # no system that it boots says anything
    SCRIPT_FAILS = auto()  # its disk is broken, and so the install script fails
    DAMAGED_DOWNLOADS = auto()  # what it downloads is not what was sent
    DISK_FIRST = auto()  # an old system on its disk comes before the network
    FORGETS_OVERRIDE = auto()  # as DISK_FIRST, and its first override of the boot device is lost
    INSTALLED_TWICE = auto()  # says three times that it is installed
    OLD_NONCE = auto()  # the system that was kexec'd is one of an earlier boot


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a machine ended: Bearman's status for it, and whether it is still lit."""

    status: str
    lit: bool

    def __str__(self) -> str:
        return f"{self.status}, {'on' if self.lit else 'off'}"


DARK_AND_READY = Outcome(READY, lit=False)
LIT_AND_INSTALLED = Outcome(INSTALLED, lit=True)


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the programs of the machine print."""

    dmidecode: bytes
    lsblk: bytes
    ip_link: bytes


def _same_identity(identity: Identity, _twin: Identity) -> Identity:
    return identity


def _same_outputs(outputs: Outputs) -> Outputs:
    return outputs


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of broken machine.

    `expected` is how its registration ends, `at_first` how that looks where Bearman only finds out
    at a deadline, and `deployed` how a deployment ends. `identity` gets the machine and a healthy
    one of the fleet.
    """

    name: str
    about: str
    expected: Outcome = DARK_AND_READY
    deployed: Outcome = LIT_AND_INSTALLED
    at_first: Outcome | None = None
    bmc: BmcFaults = field(default_factory=BmcFaults)
    identity: Callable[[Identity, Identity], Identity] = _same_identity
    outputs: Callable[[Outputs], Outputs] = _same_outputs
    trick: Trick | None = None
