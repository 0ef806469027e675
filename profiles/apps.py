"""Django's description of the profiles app."""

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    """What machines are and what they boot: flavors, boot scripts, images."""

    name = "profiles"
    verbose_name = "Profiles"
