"""`bearman operator_token_create`: make a personal token for a user."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from bearman.accounts.services import token_create
from bearman.lib.errors import BearmanError


class Command(BaseCommand):
    """Make a token and print it, this once."""

    help = "Make a personal token for a user and print it. It is shown this once only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the user and the token's name."""
        parser.add_argument("user")
        parser.add_argument("name", help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, or say why not."""
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(
                f"There is no user {options['user']!r}. Make one with `bearman createsuperuser`."
            )
        try:
            _, text = token_create(user=user, name=options["name"])
        except BearmanError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(text)
