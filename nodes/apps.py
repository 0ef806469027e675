"""Django's description of the nodes app."""

from django.apps import AppConfig


class NodesConfig(AppConfig):
    """The machines: identity, inventory, BMC, status."""

    name = "nodes"
    verbose_name = "Machines"
