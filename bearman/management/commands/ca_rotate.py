"""`bearman ca_rotate`: replace the certificate authority without a break."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bearman.lib.errors import BearmanError
from bearman.lib.tls import Folder, rotation

STEPS: dict[str, tuple[Callable[[Folder], None], str]] = {
    "begin": (
        rotation.begin,
        "ca.pem has the old authority and the next one. Build it into the images and give it to "
        "bearman-cli and browsers; once all have it, go on with `bearman ca_rotate switch`.",
    ),
    "switch": (
        rotation.switch,
        "The next authority signs now. Restart the front server and gRPC so that they show the new "
        "certificate; then `bearman ca_rotate finish`, and build the images once more.",
    ),
    "finish": (
        rotation.finish,
        "ca.pem has the new authority alone. Give it to clients and images as you gave the last.",
    ),
}


class Command(BaseCommand):
    """Carry out one of the three steps."""

    help = (
        "Replace the authority of `bearman ca_create`, before it ends or when its key may be "
        "known: `begin` makes the next one, `switch` has it sign, `finish` forgets the old one. "
        "Between them its certificate must reach the images and clients; docs/tls.md has it all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the step and the folder."""
        parser.add_argument("step", choices=list(STEPS))
        parser.add_argument("--folder", type=Path, default=Path(settings.DATA_DIR) / "tls")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what comes next."""
        step, words = STEPS[options["step"]]
        try:
            step(Folder(options["folder"]))
        except BearmanError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(words)
