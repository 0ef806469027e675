"""The IPMI commands that a simulated BMC knows, by network function and command number."""

from simulator.bmc.commands.app import APP_COMMANDS
from simulator.bmc.commands.base import Command
from simulator.bmc.commands.chassis import CHASSIS_COMMANDS
from simulator.bmc.commands.transport import TRANSPORT_COMMANDS
from simulator.bmc.commands.user import USER_COMMANDS
from simulator.bmc.completion import Code, CommandError
from simulator.bmc.device import SimulatedBmc
from simulator.bmc.message import Request
from simulator.bmc.sessions import Session

COMMANDS: dict[tuple[int, int], Command] = (
    APP_COMMANDS | CHASSIS_COMMANDS | TRANSPORT_COMMANDS | USER_COMMANDS
)


def execute(bmc: SimulatedBmc, session: Session | None, request: Request) -> bytes:
    """Data of the answer to a request; raises CommandError with the completion code."""
    command = COMMANDS.get((request.netfn, request.command))
    if command is None:
        raise CommandError(Code.INVALID_COMMAND)
    if command.privilege > (session.privilege if session else 0):
        raise CommandError(Code.INSUFFICIENT_PRIVILEGE)
    if len(request.data) < command.min_length:
        raise CommandError(Code.WRONG_LENGTH)
    return command.handler(bmc, session, request.data)
