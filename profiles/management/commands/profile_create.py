"""`bearman profile_create`: make a profile, or change the one of that name."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bearman.lib.errors import BearmanError
from profiles.models import ConfigFormat, Profile
from profiles.services import profile_save


class Command(BaseCommand):
    """Make a profile, or change what is given of the one of that name."""

    help = (
        "Make the profile NAME, or change what is given of it. Machines that have it keep what "
        "they were deployed with. The Admin shows what a change would mean for whom."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the fields."""
        parser.add_argument("name")
        parser.add_argument("--image", help="name of the image whose current version it boots")
        parser.add_argument("--append", help="template of the kernel command line")
        parser.add_argument("--script", type=Path, metavar="FILE", help="the install script")
        parser.add_argument("--format", choices=ConfigFormat.values, help="of the configuration")
        parser.add_argument("--body", type=Path, metavar="FILE", help="the configuration's body")
        parser.add_argument("--no-root", action="store_true", help="do not boot the squashfs")
        parser.add_argument("--notes")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make or change it."""
        profile = Profile.objects.filter(name=options["name"]).first()
        created = profile is None
        profile = profile or Profile(name=options["name"])
        try:
            for field, value in _given(options).items():
                setattr(profile, field, value)
            profile_save(profile=profile)
        except (BearmanError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Profile {profile} {'made' if created else 'is'} at version {profile.version}."
        )


def _given(options: dict[str, Any]) -> dict[str, Any]:
    fields = {
        "image_name": options["image"],
        "append": options["append"],
        "install_script": _text(options["script"]),
        "config_format": options["format"],
        "config_body": _text(options["body"]),
        "boots_root": False if options["no_root"] else None,
        "notes": options["notes"],
    }
    return {name: value for name, value in fields.items() if value is not None}


def _text(path: Path | None) -> str | None:
    return path.read_text("utf-8") if path else None
