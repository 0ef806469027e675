"""The hardware of one simulated machine, and how a boot of it ended."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from simulator.bmc import SimulatedBmc
from simulator.chips import Chips
from simulator.fabric import Stand, cabling
from simulator.fault import Fault, Outcome, Outputs, Trick
from simulator.hardware import ethtool, linux
from simulator.hardware.cable import Cabling
from simulator.hardware.dmidecode import bios_only, dmidecode
from simulator.hardware.ethtool import ModuleAnswer
from simulator.hardware.identity import Identity
from simulator.hardware.lldp import lldpcli


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
    """The machine restarts by itself, as at the end of an installation or for its firmware."""

    installed: bool = True


@dataclass(frozen=True, slots=True)
class Board:
    """A machine without its power: who it is, its BMC, its fault and the folder it may use.

    `identity` has the firmware that it came with, and `chips` what became of that. `ca` is what its
    systems trust (PEM).
    """

    number: int
    identity: Identity
    bmc: SimulatedBmc
    fault: Fault | None
    folder: Path
    stand: Stand
    cables: Cabling
    chips: Chips
    ca: bytes = field(default=b"", repr=False)

    def mended(self) -> "Board":
        """The same machine with right cables and without its fault; its firmware stays."""
        return replace(self, fault=None, cables=cabling(self.identity, self.stand))

    @property
    def trick(self) -> Trick | None:
        """What it does wrong while it runs."""
        return self.fault.trick if self.fault else None

    def outputs(self) -> Outputs:
        """What its programs print."""
        identity = self.chips.identity
        honest = Outputs(
            dmidecode=dmidecode(identity),
            lsblk=linux.lsblk(identity),
            ip_link=linux.ip_link(identity, self.cables),
            lldp=lldpcli(self.cables),
        )
        return self.fault.outputs(honest) if self.fault else honest

    def meminfo(self) -> bytes:
        """The lines of its /proc/meminfo that scripts read; the kernel keeps a few per cent."""
        return linux.meminfo(self.identity)

    def ethtool(self) -> dict[str, bytes]:
        """What `ethtool -i` prints for each of its interfaces."""
        return {port.name: linux.ethtool(port) for port in self.chips.identity.ports}

    def settings(self) -> dict[str, bytes]:
        """What `ethtool NAME` prints for each of its interfaces."""
        ports = self.identity.ports
        return {port.name: ethtool.settings(port, self.cables.get(port.name)) for port in ports}

    def modules(self) -> dict[str, ModuleAnswer]:
        """What `ethtool -m NAME` prints or complains for each of its interfaces."""
        ports = self.identity.ports
        return {port.name: ethtool.module(port, self.cables.get(port.name)) for port in ports}

    def bios_output(self) -> bytes:
        """What `dmidecode -t bios` prints."""
        return bios_only(self.chips.identity)

    def lsblk_output(self, name: str) -> bytes:
        """What `lsblk --json --output-all /dev/NAME` prints; nothing for no such disk."""
        identity = self.chips.identity
        units = tuple(unit for unit in identity.disks if unit.name == name)
        return linux.lsblk(replace(identity, disks=units)) if units else b""
