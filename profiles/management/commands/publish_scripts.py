"""`bearman publish_scripts`: put the boot scripts where nodes fetch them."""

from argparse import ArgumentParser
from getpass import getuser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bearman.lib.errors import BearmanError
from profiles.bundle import bundle
from profiles.models import ScriptRelease
from profiles.services import release_publish, release_roll_back

SCRIPTS = ("register.sh", "kexec.sh")
BEFORE = ""  # --rollback without a version


class Command(BaseCommand):
    """Publish the boot scripts of this version, or go back to an earlier release."""

    help = (
        "Put register.sh and kexec.sh into the storage, each as one file with its SHA-256, as one "
        "release, and make it the current one. Doing it twice changes nothing. --rollback goes "
        "back to the release before, for both at once; --list shows all."
    )

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        """Let --version be a release's: Django has one that tells its own."""
        return super().create_parser(*args, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --folder, --version, --as, --list and --rollback."""
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR / "boot_scripts")
        parser.add_argument(
            "--version",
            default="",
            metavar="VERSION",
            help="its version (default: Bearman's, with a hash of the scripts)",
        )
        parser.add_argument(
            "--as", dest="actor", default="", help="whose name it is under (default: yours)"
        )
        parser.add_argument(
            "--unless-withdrawn",
            action="store_true",
            help="leave a release alone that somebody went back from; for what runs at each start",
        )
        doing = parser.add_mutually_exclusive_group()
        doing.add_argument("--list", action="store_true", help="show all releases, newest first")
        doing.add_argument(
            "--rollback",
            nargs="?",
            const=BEFORE,
            metavar="VERSION",
            help="make the release before the current one, or VERSION, current again; the release "
            "that is gone back from is passed over by a further --rollback",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish, go back, or list."""
        actor = options["actor"] or _user()
        try:
            if options["list"]:
                self._list()
            elif options["rollback"] is not None:
                self._roll_back(options["rollback"], actor)
            else:
                self._publish(
                    options["folder"],
                    version=options["version"],
                    actor=actor,
                    unless_withdrawn=options["unless_withdrawn"],
                )
        except (BearmanError, OSError, ValueError) as error:
            raise CommandError(str(error)) from error

    def _publish(self, folder: Path, **how: Any) -> None:
        contents = {name: bundle(name, folder) for name in SCRIPTS}
        release, changed = release_publish(contents=contents, **how)
        for script in release.scripts.all():
            self.stdout.write(f"{script.sha256}  {script.name}")
        if changed:
            done = "is current: machines that boot from now on run it"
        elif release.current:
            done = "was current already"
        else:
            done = "stays withdrawn: somebody went back from it"
        self.stdout.write(f"Release {release} {done}.")

    def _roll_back(self, version: str, actor: str) -> None:
        release, replaced = release_roll_back(version=version, actor=actor)
        if replaced is None:
            self.stdout.write(f"Release {release} is current.")
        else:
            self.stdout.write(
                f"Release {release} is current again, in the place of {replaced}: machines that "
                "boot from now on run it."
            )

    def _list(self) -> None:
        releases = list(ScriptRelease.objects.prefetch_related("scripts"))
        if not releases:
            self.stdout.write("Nothing is published yet: run `bearman publish_scripts`.")
        for release in releases:
            state = "current" if release.current else "withdrawn" if release.withdrawn_at else ""
            scripts = ", ".join(str(script) for script in release.scripts.all())
            when = f"{release.published_at:%Y-%m-%d %H:%M}"
            by = release.published_by or "-"
            self.stdout.write(f"{release.version:24} {state:9} {when} {by:12} {scripts}")


def _user() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a number without a name, as in a container
        return ""
