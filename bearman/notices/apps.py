"""Django's description of the notices app."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """What is in trouble, and the messages that tell of it."""

    name = "bearman.notices"
    label = "notices"
    verbose_name = "Messages to people"
