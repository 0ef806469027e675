"""Buckets in a Ceph of the tests, and the settings that name them."""

from dataclasses import dataclass
from typing import Any

from django.core.files.storage import storages
from pytest_django import Settings

from bearman import storage
from bearman.lib import s3
from bearman.storage.bucket import Bucket
from bearman.storage.preparation import bucket_prepare
from tests.storage.ceph import OWNER, Ceph, User


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, and the Ceph that has it."""

    ceph: Ceph
    name: str

    @property
    def environment(self) -> dict[str, str]:
        """What Bearman is told of it."""
        return {
            "BEARMAN_S3_ENDPOINT": self.ceph.endpoint,
            "BEARMAN_S3_BUCKET": self.name,
            "BEARMAN_S3_ACCESS_KEY": OWNER.access,
            "BEARMAN_S3_SECRET_KEY": OWNER.secret,
        }


def use_bucket(
    ceph: Ceph,
    settings: Settings,
    name: str,
    *,
    user: User = OWNER,
    endpoint: str = "",
    urls: str = "public",
    ca: str = "",
    checksums: str = "when_required",
    public_endpoint: str = "",
    attempts: int = 2,
) -> storage.Store:
    """Have the settings name a bucket, as settings.py does from the environment."""
    endpoint = endpoint or ceph.endpoint
    settings.S3_ENDPOINT, settings.S3_URLS, settings.S3_CA = endpoint, urls, ca
    settings.S3_PUBLIC_ENDPOINT = public_endpoint or endpoint
    files_url = s3.folder(settings.S3_PUBLIC_ENDPOINT, name, "path")
    backend: dict[str, Any] = s3.backend(
        endpoint=endpoint,
        bucket=name,
        access_key=user.access,
        secret_key=user.secret,
        region="us-east-1",
        ca=ca,
        public_url=files_url if urls == "public" else "",
        config=s3.client_config(
            addressing="path",
            checksums=checksums,
            connect_seconds=2,
            read_seconds=20,
            attempts=attempts,
        ),
    )
    settings.STORAGES = settings.STORAGES | {"default": backend}
    return storage.current()


def make_bucket(ceph: Ceph, settings: Settings, name: str, **changes: Any) -> Place:
    """Make a bucket that is fit for Bearman, and have the settings name it."""
    use_bucket(ceph, settings, name, **changes)
    prepare()
    return Place(ceph, name)


def prepare() -> list[str]:
    """Make the bucket that the settings name fit for Bearman."""
    bucket = Bucket(storages["default"])
    return list(bucket_prepare(bucket, public=storage.PUBLIC, incoming=storage.INCOMING))
