"""What can be asked of a machine's power, and in which words; no Django here."""

from dataclasses import dataclass
from enum import StrEnum


class PowerAction(StrEnum):
    """What to do with one BMC; the names are those of power.proto."""

    STATUS = "status"
    ON = "on"
    SOFT_OFF = "soft_off"
    HARD_OFF = "hard_off"
    CYCLE = "cycle"
    BOOT_PXE = "boot_pxe"
    BOOT_DISK = "boot_disk"
    BOOT_SETUP = "boot_setup"
    IDENTIFY_ON = "identify_on"
    IDENTIFY_OFF = "identify_off"


class PowerResult(StrEnum):
    """How far one node's action is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


# A machine in use loses its power by these, so somebody must have said that it is meant.
SWITCHES_OFF = frozenset({PowerAction.SOFT_OFF, PowerAction.HARD_OFF, PowerAction.CYCLE})

# Doing one of these twice is not the same as doing it once.
NOT_REPEATABLE = frozenset({PowerAction.CYCLE})

# Failures in a row after which a BMC's circuit breaker is open.
BREAKER_OPENS_AFTER = 3

UNDER_WAY = frozenset({PowerResult.WAITING, PowerResult.RUNNING})


@dataclass(frozen=True, slots=True)
class Words:
    """How an action is called: on its button, with its symbol, and in `would ... nodes`."""

    label: str
    symbol: str
    verb: str


WORDS: dict[PowerAction, Words] = {
    PowerAction.ON: Words("Power on", "power_settings_new", "switch on"),
    PowerAction.SOFT_OFF: Words("Shut down", "power_off", "shut down"),
    PowerAction.HARD_OFF: Words("Power off", "flash_off", "cut the power of"),
    PowerAction.CYCLE: Words("Power cycle", "restart_alt", "cut the power of"),
    PowerAction.STATUS: Words("Read power", "electrical_services", "read the power of"),
    PowerAction.BOOT_PXE: Words("Boot from network next", "lan", "set the next boot of"),
    PowerAction.BOOT_DISK: Words("Boot from disk next", "hard_drive", "set the next boot of"),
    PowerAction.BOOT_SETUP: Words("Boot into setup next", "tune", "set the next boot of"),
    PowerAction.IDENTIFY_ON: Words("Identify on", "lightbulb", "light up"),
    PowerAction.IDENTIFY_OFF: Words("Identify off", "light_off", "darken"),
}
