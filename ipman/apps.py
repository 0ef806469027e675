"""Django's description of the ipman app."""

from django.apps import AppConfig


class IpmanConfig(AppConfig):
    """Pools, addresses and allocation; usable on its own."""

    name = "ipman"
    verbose_name = "IPman"
