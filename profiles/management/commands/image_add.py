"""`bearman image_add`: make a version of an image known."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bearman.lib.errors import BearmanError, Invalid
from profiles.models import Image
from profiles.services import Artefacts, image_add, image_add_folder

BY = "bearman image_add"  # in the history of promotions


class Command(BaseCommand):
    """Put the files of an image into the storage and make the version known."""

    help = (
        "Put an image into the storage, verified, and make it the current version: either a FOLDER "
        "that image_builder made, with its manifest and signature, or NAME and VERSION with "
        "--kernel, --initramfs and mostly --root. Doing it twice changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add name, version and files."""
        parser.add_argument(
            "name", metavar="FOLDER|NAME", help="a folder, or a name such as ubuntu-24.04"
        )
        parser.add_argument("version", nargs="?", help="of NAME, such as 2026-11-24.1")
        parser.add_argument("--kernel", type=Path, metavar="FILE")
        parser.add_argument("--initramfs", type=Path, metavar="FILE")
        parser.add_argument("--root", type=Path, metavar="FILE", help="the squashfs, if it has one")
        parser.add_argument("--append", default="", help="kernel arguments that the image needs")
        parser.add_argument("--built-from", default="", help="recipe and revision, for people")
        parser.add_argument(
            "--not-current", action="store_true", help="do not let profiles follow to this version"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Add it."""
        try:
            image, created = _added(options)
        except BearmanError as error:
            raise CommandError(str(error)) from error
        done = "added" if created else "was known already"
        signed = f", signed by {image.signed_by}" if image.signed_by else ""
        current = " and is current" if image.current else ""
        self.stdout.write(f"{image} {done}{current}{signed}.")


def _added(options: dict[str, Any]) -> tuple[Image, bool]:
    current = not options["not_current"]
    if options["version"] is None:
        folder = Path(options["name"])
        if not folder.is_dir():
            raise Invalid(f"{folder} is no folder.", advice="Or give NAME and VERSION with files.")
        return image_add_folder(folder=folder, make_current=current, by=BY)
    if not options["kernel"] or not options["initramfs"]:
        raise Invalid(
            "An image has a kernel and an initramfs.", advice="Add --kernel, --initramfs."
        )
    return image_add(
        name=options["name"],
        version=options["version"],
        files=Artefacts(options["kernel"], options["initramfs"], options["root"]),
        built_from=options["built_from"],
        append=options["append"],
        make_current=current,
        by=BY,
    )
