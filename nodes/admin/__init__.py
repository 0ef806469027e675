"""The Admin's pages on machines."""

from nodes.admin.cable import CableAdmin
from nodes.admin.desk import QuarantinedNodeAdmin
from nodes.admin.enrolment import EnrolmentWindowAdmin
from nodes.admin.event import NodeEventAdmin
from nodes.admin.expected import ExpectedMachineAdmin
from nodes.admin.findings_card import findings_card
from nodes.admin.firmware import FirmwareBaselineAdmin
from nodes.admin.firmware_card import firmware_card
from nodes.admin.firmware_update import FirmwareUpdateAdmin
from nodes.admin.node import NodeAdmin
from nodes.admin.power import PowerRequestAdmin
from nodes.admin.seen import BootRequestAdmin
from nodes.admin.wiring_card import wiring_card
from nodes.admin.wiring_plan import WiringPlanAdmin
from nodes.admin.zone import AvailabilityZoneAdmin

__all__ = [
    "AvailabilityZoneAdmin",
    "BootRequestAdmin",
    "CableAdmin",
    "EnrolmentWindowAdmin",
    "ExpectedMachineAdmin",
    "FirmwareBaselineAdmin",
    "FirmwareUpdateAdmin",
    "NodeAdmin",
    "NodeEventAdmin",
    "PowerRequestAdmin",
    "QuarantinedNodeAdmin",
    "WiringPlanAdmin",
    "findings_card",
    "firmware_card",
    "wiring_card",
]
