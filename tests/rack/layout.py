"""Where everything of a rack is: its folder, its namespaces, its addresses, its machines."""

import uuid
from dataclasses import dataclass, field
from enum import Enum, auto
from ipaddress import IPv4Interface
from pathlib import Path

SERVER = IPv4Interface("10.77.0.1/16")  # of the network in which machines boot and BMCs are
DHCP_FIRST, DHCP_LAST = "10.77.1.10", "10.77.1.250"
BMC_FIRST, BMC_LAST = "10.77.2.10", "10.77.2.250"
SERVICE_VLAN = 120
SERVICE = IPv4Interface("10.78.0.1/24")  # the gateway of the deployed systems
SERVICE_FIRST, SERVICE_LAST = "10.78.0.10", "10.78.0.250"
WEB_PORT, FILES_PORT, GRPC_PORT, LOADER_PORT = 8000, 8001, 50051, 8002
BRIDGE = "br0"
SWITCHES = ("sw1", "sw2")
INTERFACE = "eno1"  # what systemd calls a machine's first network card
VENDOR, PRODUCT = "Bearman Works", "Rack Server 1"
ARTEFACTS = Path("var/rack-artefacts").absolute()  # what tests leave for people


class Firmware(Enum):
    """How a machine boots over the network."""

    BIOS = auto()  # the network card's own iPXE
    UEFI_PXE = auto()  # iPXE by TFTP
    UEFI_HTTP = auto()  # iPXE by HTTP Boot


@dataclass(frozen=True)
class Model:
    """What a machine says of itself, and its size; `memory` is in MiB."""

    cpu: str = "Virtual Xeon 1"
    memory: int = 1536
    cores: int = 1
    disk_mib: int = 2048
    uuid: str = ""  # instead of one of its own
    firmware: Firmware = Firmware.BIOS


@dataclass(frozen=True)
class Layout:
    """A rack's folder and the names that follow from the process that made it."""

    folder: Path
    run: str

    @property
    def namespace(self) -> str:
        """The network namespace of everything but the BMCs."""
        return f"bearman-{self.run}"

    @property
    def url(self) -> str:
        """The address of Bearman, as machines reach it."""
        return f"http://{SERVER.ip}:{WEB_PORT}"

    @property
    def grpc(self) -> str:
        """The address of Bearman's gRPC, as machines reach it."""
        return f"{SERVER.ip}:{GRPC_PORT}"

    def machine(self, number: int, model: Model | None = None) -> "Slot":
        """Return the place of a machine in the rack, counted from 1."""
        return Slot(self, number, model or Model())


@dataclass(frozen=True)
class Slot:
    """A machine's place: everything that follows from its number."""

    layout: Layout
    number: int
    model: Model = field(default_factory=Model)

    @property
    def folder(self) -> Path:
        """The machine's files: console log, disk, state of its BMC."""
        return self.layout.folder / f"machine-{self.number}"

    @property
    def bmc_namespace(self) -> str:
        """The network namespace of its BMC."""
        return f"{self.layout.namespace}-b{self.number}"

    @property
    def tap(self) -> str:
        """The other end of its network card's cable, which is plugged into a port."""
        return f"m{self.number}-{INTERFACE}"

    @property
    def mac(self) -> str:
        """The address of its first network card: QEMU's own block of numbers."""
        return f"52:54:00:77:01:{self.number:02x}"

    @property
    def bmc_mac(self) -> str:
        """The address of its BMC."""
        return f"52:54:00:77:02:{self.number:02x}"

    @property
    def uuid(self) -> str:
        """Its SMBIOS UUID; the same for a number in every run."""
        return self.model.uuid or str(
            uuid.uuid5(uuid.NAMESPACE_DNS, f"machine-{self.number}.rack.example")
        )

    @property
    def serial(self) -> str:
        """Its serial number."""
        return f"RACK{self.number:04}"

    @property
    def console(self) -> Path:
        """What its serial port says, since it was made."""
        return self.folder / "console.log"
