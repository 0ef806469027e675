"""Django's description of the project's own app: commands and the base Admin."""

from django.apps import AppConfig


class BearmanConfig(AppConfig):
    """Holds the commands that start Bearman's processes."""

    name = "bearman"
    label = "bearman"
