"""What register.sh sends of hardware and cables, without a shell."""

from protos.bearman.v1 import nodes_pb2, wiring_pb2
from simulator.board import Board
from simulator.light_calls import Calls


class NotPassedError(Exception):
    """Bearman ends the registration, for this reason."""

    def __init__(self, status: nodes_pb2.NodeStatus.ValueType, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def inventory(board: Board) -> nodes_pb2.Inventory:
    """What the programs of the machine print, as they are sent."""
    outputs = board.outputs()
    return nodes_pb2.Inventory(
        dmidecode=outputs.dmidecode,
        lsblk=outputs.lsblk,
        ip_link=outputs.ip_link,
        ethtool=[
            nodes_pb2.EthtoolInfo(interface=name, output=output)
            for name, output in board.ethtool().items()
        ],
    )


def check_wiring(board: Board, calls: Calls, uuid: str) -> None:
    """Send what the machine sees of its cables; raises NotPassedError."""
    outputs, modules = board.outputs(), board.modules()
    request = wiring_pb2.CheckWiringRequest(
        uuid=uuid,
        lldp=outputs.lldp,
        ip_link=outputs.ip_link,
        links=[
            wiring_pb2.LinkReading(
                interface=name,
                settings=settings,
                module=modules[name].output.encode(),
                module_error=modules[name].complaint.encode(),
            )
            for name, settings in board.settings().items()
        ],
    )
    answer = calls.call(calls.stub.wiring.CheckWiring, request)
    if not answer.passed:
        raise NotPassedError(answer.status, answer.reason)
