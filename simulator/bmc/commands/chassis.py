"""Chassis commands: power, identify, boot options (IPMI 2.0 section 28)."""

import math

from simulator.bmc.behaviour import PowerAction, PowerRefusedError
from simulator.bmc.boot import UnknownBootOptionError
from simulator.bmc.commands.base import OPERATOR, USER, Command
from simulator.bmc.completion import Code, CommandError
from simulator.bmc.device import SimulatedBmc
from simulator.bmc.sessions import Session

CHASSIS = 0x00
IDENTIFY_SUPPORTED = 0x40  # misc chassis state: section 28.2
DEFAULT_IDENTIFY_S = 15  # section 28.5
BOOT_OPTIONS_VERSION = 0x01  # section 28.13


def get_chassis_status(bmc: SimulatedBmc, _session: Session | None, _data: bytes) -> bytes:
    """Section 28.2: power is bit 0 of the first byte; the identify state is in the third."""
    return bytes([int(bmc.powered), 0, IDENTIFY_SUPPORTED | bmc.identify << 4])


def chassis_control(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 28.3: off, on, cycle, reset or soft off."""
    try:
        bmc.switch(PowerAction(data[0] & 0x0F))
    except ValueError as error:
        raise CommandError(Code.INVALID_FIELD) from error
    except PowerRefusedError as error:
        raise CommandError(Code.NOT_IN_PRESENT_STATE) from error
    return b""


def chassis_identify(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 28.5: seconds, 0 for off; bit 0 of the second byte keeps the light on."""
    seconds = data[0] if data else DEFAULT_IDENTIFY_S
    forced = len(data) > 1 and bool(data[1] & 0x01)
    bmc.light(math.inf if forced else seconds)
    return b""


def set_boot_options(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 28.12; a parameter number alone only marks it valid and changes nothing."""
    if len(data) == 1:
        return b""
    try:
        bmc.put_boot_option(data[0] & 0x7F, data[1:])
    except UnknownBootOptionError as error:
        raise CommandError(Code.PARAMETER_UNSUPPORTED) from error
    except ValueError as error:
        raise CommandError(Code.WRONG_LENGTH) from error
    return b""


def get_boot_options(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 28.13."""
    number = data[0] & 0x7F
    try:
        return bytes([BOOT_OPTIONS_VERSION, number]) + bmc.boot.get(number)
    except UnknownBootOptionError as error:
        raise CommandError(Code.PARAMETER_UNSUPPORTED) from error


CHASSIS_COMMANDS = {
    (CHASSIS, 0x01): Command(USER, 0, get_chassis_status),
    (CHASSIS, 0x02): Command(OPERATOR, 1, chassis_control),
    (CHASSIS, 0x04): Command(OPERATOR, 0, chassis_identify),
    (CHASSIS, 0x08): Command(OPERATOR, 1, set_boot_options),
    (CHASSIS, 0x09): Command(OPERATOR, 3, get_boot_options),
}
