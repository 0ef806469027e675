"""Django's description of the baremetal app."""

from django.apps import AppConfig


class BaremetalConfig(AppConfig):
    """What machines boot now, and the door they ask at."""

    name = "baremetal"
    verbose_name = "Baremetal"
