"""Transport commands: LAN configuration parameters (IPMI 2.0 sections 23.1 and 23.2)."""

from simulator.bmc.commands.base import ADMINISTRATOR, OPERATOR, Command, require_lan_channel
from simulator.bmc.completion import Code, CommandError
from simulator.bmc.device import SimulatedBmc
from simulator.bmc.lan import BmcAddressError, ReadOnlyParameterError, UnknownParameterError
from simulator.bmc.sessions import Session

TRANSPORT = 0x0C
PARAMETER_REVISION = 0x11  # section 23.2
SET_IN_PROGRESS = 0  # parameter 0: each set takes effect at once, so there is nothing to keep


def set_lan_parameter(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 23.1."""
    require_lan_channel(data[0])
    if data[1] == SET_IN_PROGRESS:
        return b""
    try:
        bmc.put_lan(data[1], data[2:])
    except UnknownParameterError as error:
        raise CommandError(Code.PARAMETER_UNSUPPORTED) from error
    except ReadOnlyParameterError as error:
        raise CommandError(Code.PARAMETER_READ_ONLY) from error
    except ValueError as error:
        raise CommandError(Code.WRONG_LENGTH) from error
    except BmcAddressError as error:
        raise CommandError(Code.INVALID_FIELD) from error
    return b""


def get_lan_parameter(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 23.2; with bit 7 of the first byte only the revision."""
    require_lan_channel(data[0])
    revision = bytes([PARAMETER_REVISION])
    if data[0] & 0x80:
        return revision
    if data[1] == SET_IN_PROGRESS:
        return revision + b"\0"
    try:
        return revision + bmc.lan.get(data[1])
    except UnknownParameterError as error:
        raise CommandError(Code.PARAMETER_UNSUPPORTED) from error


TRANSPORT_COMMANDS = {
    (TRANSPORT, 0x01): Command(ADMINISTRATOR, 3, set_lan_parameter),
    (TRANSPORT, 0x02): Command(OPERATOR, 4, get_lan_parameter),
}
