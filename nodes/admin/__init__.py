"""The Admin's pages on machines."""

from nodes.admin.cable import CableAdmin
from nodes.admin.enrolment import EnrolmentWindowAdmin
from nodes.admin.event import NodeEventAdmin
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
    "NodeAdmin",
    "NodeEventAdmin",
    "PowerRequestAdmin",
    "WiringPlanAdmin",
    "wiring_card",
]
