"""The Admin's pages on machines."""

from nodes.admin.enrolment import EnrolmentWindowAdmin
from nodes.admin.event import NodeEventAdmin
from nodes.admin.node import NodeAdmin
from nodes.admin.power import PowerRequestAdmin
from nodes.admin.seen import BootRequestAdmin
from nodes.admin.zone import AvailabilityZoneAdmin

__all__ = [
    "AvailabilityZoneAdmin",
    "BootRequestAdmin",
    "EnrolmentWindowAdmin",
    "NodeAdmin",
    "NodeEventAdmin",
    "PowerRequestAdmin",
]
