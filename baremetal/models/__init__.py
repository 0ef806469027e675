"""What the database knows of deployments."""

from baremetal.models.baremetal import Baremetal
from baremetal.models.event import BaremetalEvent, EventKind

__all__ = ["Baremetal", "BaremetalEvent", "EventKind"]
