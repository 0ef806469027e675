"""`bearman secrets_create`: the files of secrets that docker-compose.yml gives to containers."""

import json
import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bearman.lib import keys

DATABASE = "postgresql://bearman:{password}@database:5432/bearman"
# Files for settings that a site may have; empty is as good as not set.
OPTIONAL = (
    *("slack_webhook", "slack_token", "mail_password", "ipman_token"),
    *("s3_access_key", "s3_secret_key"),
)


class Command(BaseCommand):
    """Make each file that is missing; what is there stays."""

    help = (
        "Make the secrets of an installation in containers, a file for each: passwords and keys "
        "are random, those of other services (Slack, mail, S3) are empty for you to fill in. What "
        "is there stays, so it can be run again at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the folder, and whose the files shall be."""
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--owner",
            type=int,
            metavar="UID",
            help="give folder and files to this user and group, as the containers need it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, and say which are new."""
        folder: Path = options["folder"]
        try:
            made = [name for name in _files(folder) if name]
            if options["owner"] is not None:
                _give(folder, options["owner"])
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be made: {error.strerror}.") from error
        words = f"Made {', '.join(made)}." if made else "All secrets are there."
        self.stdout.write(f"{words} Back {folder} up, apart from the database.")


def _files(folder: Path) -> list[str]:
    """Make what is missing; returns the names of those, and empty text for the others."""
    password = secrets.token_urlsafe(32)
    made = [_made(folder / "postgres_password", password)]
    password = (folder / "postgres_password").read_text().strip()
    s3 = {"access": secrets.token_hex(10), "secret": secrets.token_urlsafe(30)}
    return [
        *made,
        _made(folder / "database_url", DATABASE.format(password=password)),
        _made(folder / "secret_key", keys.secret_key()),
        _made(folder / "credential_keys", keys.credential_key()),
        _made(folder / "s3_config", json.dumps(_s3_config(**s3), indent=2)),
        *(_made(folder / name, "") for name in OPTIONAL),
    ]


def _made(path: Path, text: str) -> str:
    if path.exists():
        return ""
    keys.kept(path, lambda: text)
    return path.name


def _s3_config(access: str, secret: str) -> dict[str, Any]:
    """Return who may do what at the S3 service of the profile `s3`, in SeaweedFS's form."""
    credentials = [{"accessKey": access, "secretKey": secret}]
    return {
        "identities": [
            {"name": "bearman", "credentials": credentials, "actions": ["Admin", "Read", "Write"]},
        ]
    }


def _give(folder: Path, owner: int) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, owner, owner)
    folder.chmod(0o700)
