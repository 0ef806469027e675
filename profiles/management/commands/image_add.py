"""`bearman image_add`: make a version of an image known."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bearman.lib.errors import BearmanError
from profiles.services import Artefacts, image_add


class Command(BaseCommand):
    """Put kernel, initramfs and squashfs into the storage as a version of an image."""

    help = (
        "Put kernel, initramfs and squashfs into the storage as VERSION of the image NAME, with "
        "their SHA-256, and make it the current version. Doing it twice changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add name, version and files."""
        parser.add_argument("name", help="letters, digits, `-` and `_`, such as ubuntu-24-04")
        parser.add_argument("version", help="such as 2026-11-24.1")
        parser.add_argument("--kernel", type=Path, required=True, metavar="FILE")
        parser.add_argument("--initramfs", type=Path, required=True, metavar="FILE")
        parser.add_argument("--root", type=Path, metavar="FILE", help="the squashfs, if it has one")
        parser.add_argument("--built-from", default="", help="recipe and revision, for people")
        parser.add_argument(
            "--not-current", action="store_true", help="do not let profiles follow to this version"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Add it."""
        files = Artefacts(options["kernel"], options["initramfs"], options["root"])
        try:
            image, created = image_add(
                name=options["name"],
                version=options["version"],
                files=files,
                built_from=options["built_from"],
                make_current=not options["not_current"],
            )
        except BearmanError as error:
            raise CommandError(str(error)) from error
        done = "added" if created else "was known already"
        self.stdout.write(f"{image} {done}{' and is current' if image.current else ''}.")
