"""`bearman storage_prepare`: make the bucket fit for Bearman."""

from typing import Any

from django.core.files.storage import storages
from django.core.management.base import BaseCommand, CommandError
from storages.backends.s3 import S3Storage

from bearman import storage
from bearman.lib.errors import BearmanError
from bearman.storage.bucket import Bucket
from bearman.storage.preparation import bucket_prepare


class Command(BaseCommand):
    """Make the bucket, say who may read what, and have abandoned uploads removed."""

    help = (
        "Make the bucket BEARMAN_S3_BUCKET, let all read images, scripts and firmware in it "
        "(BEARMAN_S3_URLS=signed: nobody without a signature), and have uploads that nobody "
        "completed removed. What others set on the bucket stays. Doing it twice changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, with a line for each part."""
        backend = storages["default"]
        if not isinstance(backend, S3Storage):
            words = storage.current().words
            self.stdout.write(f"Files are in {words}, which needs no preparation.")
            return
        try:
            steps = bucket_prepare(
                Bucket(backend), public=storage.PUBLIC, incoming=storage.INCOMING
            )
            for step in steps:
                self.stdout.write(step)
        except BearmanError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Run `bearman storage_check` to see that all works.")
