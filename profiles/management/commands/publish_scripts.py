"""`bearman publish_scripts`: put the boot scripts where nodes fetch them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bearman.lib.errors import BearmanError
from profiles.bundle import bundle
from profiles.services import script_publish, script_rollback

SCRIPTS = ("register.sh", "kexec.sh")


class Command(BaseCommand):
    """Publish the boot scripts of this version, or go back to an earlier one."""

    help = (
        "Put the boot scripts into the storage, each as one file with its SHA-256, and make them "
        "the current ones. Doing it twice changes nothing. --rollback NAME SHA256 goes back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --folder and --rollback."""
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR / "boot_scripts")
        parser.add_argument(
            "--rollback",
            nargs=2,
            metavar=("NAME", "SHA256"),
            help="make the version of NAME whose hash starts with SHA256 the current one",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish, or roll back."""
        try:
            if options["rollback"]:
                name, sha256 = options["rollback"]
                row = script_rollback(name=name, sha256=sha256)
                self.stdout.write(f"{row} is current.")
                return
            for name in SCRIPTS:
                row, changed = script_publish(name=name, content=bundle(name, options["folder"]))
                self.stdout.write(f"{row} {'published' if changed else 'was current already'}.")
        except (BearmanError, OSError) as error:
            raise CommandError(str(error)) from error
