"""What a fault of a simulated machine is: what is broken, and how Bearman should judge it."""

from collections.abc import Callable, Set
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum, auto

from simulator.bmc import BmcFaults
from simulator.fabric import Stand
from simulator.hardware.cable import Cabling
from simulator.hardware.identity import Identity

READY, REGISTERING = "READY", "REGISTERING"
REGISTER_FAILED, QUARANTINED = "REGISTER_FAILED", "QUARANTINED"
DEPLOY_START, DEPLOYING, INSTALLED = "DEPLOY_START", "DEPLOYING", "INSTALLED"
UNRECOVERABLE_ERROR = "UNRECOVERABLE_ERROR"
OTHER_SYSTEM = "another system"  # one that Bearman has nothing to do with
UNREGISTERED = "unregistered"  # Bearman has no node for the machine

Listing = dict[str, str]  # a line of the list of expected machines, by the names of its columns


class Trick(Enum):
    """What a machine does wrong while it runs."""

    FREEZES = auto()  # when its BMC is to be set, for ever
    LOSES_POWER = auto()  # when its BMC is to be set, once; a second later it is pressed again
    STAYS_ON = auto()  # ignores poweroff
    LOSES_NETWORK = auto()  # between iPXE and stage one
    KEXEC_HANGS = auto()  # in each kexec: the screen stays dark
    SILENT_AFTER_KEXEC = auto()  # the system that was kexec'd says nothing
    NEVER_CALLS_BACK = auto()  # no system that it boots says anything
    SCRIPT_FAILS = auto()  # its disk is broken, and so the install script fails
    DAMAGED_DOWNLOADS = auto()  # what it downloads is not what was sent
    DISK_FIRST = auto()  # an old system on its disk comes before the network
    FORGETS_OVERRIDE = auto()  # as DISK_FIRST, and its first override of the boot device is lost
    FLASH_LIES = auto()  # its firmware tools say that all went well, and no version changes
    FLASH_FAILS = auto()  # its firmware tools end with an error
    FLASH_HANGS = auto()  # its firmware tools never end
    FLASH_LOSES_POWER = auto()  # loses power once in the middle of a firmware update
    INSTALLED_TWICE = auto()  # says three times that it is installed
    OLD_NONCE = auto()  # the system that was kexec'd is one of an earlier boot
    UNSIGNED_IMAGE = auto()  # what Bearman tells it of its image has no signature
    TAMPERED_MANIFEST = auto()  # the manifest that it fetches was changed, and its SHA-256 with it


class Needs(StrEnum):
    """What Bearman must have been given to find a fault."""

    NOTHING = ""
    PLAN = "wiring plan"
    BASELINE = "firmware baseline"
    LIST = "list of expected machines"
    KEY = "key that signs its images"


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
    lldp: bytes = b""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a machine stands, and the cables that another one near it should have."""

    identity: Identity
    stand: Stand
    neighbour: Cabling


def _same_identity(identity: Identity, _twin: Identity) -> Identity:
    return identity


def _same_outputs(outputs: Outputs) -> Outputs:
    return outputs


def _same_cables(cables: Cabling, _around: Surroundings) -> Cabling:
    return cables


def _same_listing(listing: Listing) -> Listing | None:
    return listing


def _any(_identity: Identity) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of broken machine.

    `expected` is how its registration ends, `at_first` how that looks where Bearman only finds out
    at a deadline, and `deployed` how a deployment ends. `issues` are the codes of which Bearman's
    node shows one then, `deployed_issues` those of its deployment, and `needs` is what Bearman must
    have been given to find it out: without that the machine is READY.

    `identity` gets the machine and a healthy one of the fleet, `cables` its right cables, and
    `listing` its line in the list of expected machines. With `paired` another machine beside it has
    the same fault. `suits` says which machines can have it at all.
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
    issues: tuple[str, ...] = ()
    deployed_issues: tuple[str, ...] = ()
    needs: Needs = Needs.NOTHING
    cables: Callable[[Cabling, Surroundings], Cabling] = _same_cables
    listing: Callable[[Listing], Listing | None] = _same_listing
    paired: bool = False
    suits: Callable[[Identity], bool] = _any

    def if_given(self, given: Set[Needs]) -> "Fault":
        """The fault as a Bearman sees it that has been given only so much."""
        if self.needs in {Needs.NOTHING, *given}:
            return self
        if self.needs is Needs.KEY:  # a stage one without it boots whatever comes whole
            return replace(self, deployed=LIT_AND_INSTALLED, deployed_issues=(), trick=None)
        return replace(self, expected=DARK_AND_READY, issues=())
