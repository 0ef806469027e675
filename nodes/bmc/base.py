"""What Bearman asks of a BMC, whatever protocol it speaks."""

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

IPMI_PORT = 623  # RMCP primary port: IPMI 2.0 section 13.1.2
MAX_USERNAME = 16  # bytes: IPMI 2.0 section 22.28
MAX_PASSWORD = 20  # bytes: IPMI 2.0 section 22.30


class PowerState(StrEnum):
    """Whether the machine has power."""

    ON = "on"
    OFF = "off"


class BootDevice(StrEnum):
    """What the machine boots from; NONE leaves it to the machine's own boot order."""

    NONE = "none"
    PXE = "pxe"
    DISK = "disk"
    CDROM = "cdrom"
    BIOS = "bios"


@dataclass(frozen=True, slots=True)
class BootOverride:
    """A boot device that was asked for, for the next boot or for all."""

    device: BootDevice
    persistent: bool = False
    uefi: bool = False


@dataclass(frozen=True, slots=True)
class BmcEndpoint:
    """Where a BMC is and how to log in to it; raises ValueError when that cannot be right.

    `host` is an IP address, never a name, so that no operation waits for DNS.
    """

    host: str
    username: str
    password: str = field(repr=False)
    port: int = IPMI_PORT

    def __post_init__(self) -> None:
        ipaddress.ip_address(self.host)
        if not 0 < self.port < 65536:
            raise ValueError(f"BMC port {self.port} is not between 1 and 65535")
        if not 0 < len(self.username.encode()) <= MAX_USERNAME:
            raise ValueError(f"BMC user name is not 1 to {MAX_USERNAME} bytes long")
        if len(self.password.encode()) > MAX_PASSWORD:
            raise ValueError(f"BMC password is longer than {MAX_PASSWORD} bytes")


@dataclass(frozen=True, slots=True)
class BmcTimings:
    """Limits of one operation, in seconds; a silent BMC is given `attempts` tries."""

    login_s: float = 6.0
    command_s: float = 4.0
    attempts: int = 3
    backoff_s: float = 0.5  # pause before the second try; doubles, with jitter


class BmcDriver(Protocol):
    """One BMC. Every method blocks, is bounded by BmcTimings and raises BmcError.

    A driver holds no connection between calls and may be used from any thread. One operation
    at a time for each BMC is the caller's duty.
    """

    def power_status(self) -> PowerState:
        """Read whether the machine has power."""

    def power_on(self) -> None:
        """Switch power on; nothing happens when it is on already."""

    def power_off(self, *, hard: bool) -> None:
        """Cut the power, or with hard=False ask the operating system to shut down."""

    def power_cycle(self) -> None:
        """Cut the power of a machine that is on and switch it on again; never sent twice."""

    def set_boot_device(
        self, device: BootDevice, *, persistent: bool = False, uefi: bool = False
    ) -> None:
        """Choose what the next boot, or with persistent=True every boot, starts from."""

    def get_boot_device(self) -> BootOverride:
        """Read which boot device is asked for."""

    def identify(self, *, on: bool, seconds: int | None = None) -> None:
        """Switch the identify light, for 1 to 255 seconds or until it is switched off."""
