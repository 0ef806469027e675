"""The hardware of one simulated machine, and how a boot of it ended."""

from dataclasses import dataclass, field
from pathlib import Path

from simulator.bmc import SimulatedBmc
from simulator.fault import Fault, Outcome, Outputs, Trick
from simulator.hardware import linux
from simulator.hardware.dmidecode import dmidecode
from simulator.hardware.identity import Identity


@dataclass(frozen=True, slots=True)
class Ending:
    """How a boot ended: the outcome as the machine sees it, why, and Bearman's number for it.

    A machine that hangs does not even notice its power button.
    """

    outcome: Outcome
    words: str
    node_id: str = ""
    register_seconds: float | None = None
    hangs: bool = False


@dataclass(frozen=True, slots=True)
class Kexec:
    """Stage one jumps into another kernel: its command line, and its whole initramfs."""

    arguments: str
    initramfs: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Restart:
    """The machine restarts by itself, as at the end of an installation."""


@dataclass(frozen=True, slots=True)
class Board:
    """A machine without its power: who it is, its BMC, its fault and the folder it may use."""

    number: int
    identity: Identity
    bmc: SimulatedBmc
    fault: Fault | None
    folder: Path

    @property
    def trick(self) -> Trick | None:
        """What it does wrong while it runs."""
        return self.fault.trick if self.fault else None

    def outputs(self) -> Outputs:
        """What its programs print."""
        honest = Outputs(
            dmidecode=dmidecode(self.identity),
            lsblk=linux.lsblk(self.identity),
            ip_link=linux.ip_link(self.identity),
        )
        return self.fault.outputs(honest) if self.fault else honest

    def meminfo(self) -> bytes:
        """The lines of its /proc/meminfo that scripts read; the kernel keeps a few per cent."""
        return linux.meminfo(self.identity)

    def ethtool(self) -> dict[str, bytes]:
        """What `ethtool -i` prints for each of its interfaces."""
        return {port.name: linux.ethtool(port) for port in self.identity.ports}
