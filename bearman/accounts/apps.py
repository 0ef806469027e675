"""Django's description of the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Personal tokens of operators; the users themselves are Django's."""

    name = "bearman.accounts"
    label = "accounts"
    verbose_name = "Operators"
