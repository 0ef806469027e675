"""The Admin's pages on deployments, and what they add to the pages on machines."""

from baremetal import examples
from baremetal.admin import on_nodes
from baremetal.admin.baremetal import BaremetalAdmin
from baremetal.admin.event import BaremetalEventAdmin

__all__ = ["BaremetalAdmin", "BaremetalEventAdmin"]

on_nodes.register()
examples.register()
