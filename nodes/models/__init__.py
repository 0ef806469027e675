"""What the database knows of machines."""

from nodes.models.bmc import Bmc
from nodes.models.boot import BootRequest, EnrolmentWindow
from nodes.models.desk import QuarantinedNode
from nodes.models.event import EventKind, NodeEvent
from nodes.models.expected import ExpectedImport, ExpectedMachine
from nodes.models.finding import Finding, FindingSource
from nodes.models.firmware import FirmwareBaseline, FirmwareUpdate
from nodes.models.hardware import Disk, MemoryModule, NetworkInterface, Processor, RawInventory
from nodes.models.node import Node
from nodes.models.power import PowerRequest
from nodes.models.wiring import Cable, LinkState, WiringPlan
from nodes.models.zone import AvailabilityZone

__all__ = [
    "AvailabilityZone",
    "Bmc",
    "BootRequest",
    "Cable",
    "Disk",
    "EnrolmentWindow",
    "EventKind",
    "ExpectedImport",
    "ExpectedMachine",
    "Finding",
    "FindingSource",
    "FirmwareBaseline",
    "FirmwareUpdate",
    "LinkState",
    "MemoryModule",
    "NetworkInterface",
    "Node",
    "NodeEvent",
    "PowerRequest",
    "Processor",
    "QuarantinedNode",
    "RawInventory",
    "WiringPlan",
]
