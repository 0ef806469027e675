"""The storage in a bucket of an S3 server: Ceph's object gateway, MinIO, AWS."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import IO, Any

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from django.conf import settings
from storages.backends.s3 import S3Storage

from bearman.lib.errors import Invalid
from bearman.storage.refusals import explained
from bearman.storage.store import CHUNK, Stored

MIB = 1024 * 1024
ONE_PUT = 5 * 1024 * MIB  # bytes: the most that one PUT may carry (S3's limit, and Ceph's default)
# In pieces of 16 MiB a file of 160 GB goes into the 10,000 that a server takes.
SENDING = TransferConfig(multipart_threshold=16 * MIB, multipart_chunksize=16 * MIB)
# A copy is the server's own work: few large pieces.
COPYING = TransferConfig(multipart_threshold=1024 * MIB, multipart_chunksize=512 * MIB)


class Bucket:
    """A bucket: an object is there when all of it is, so that nothing need be renamed."""

    def __init__(self, storage: S3Storage) -> None:
        self._storage = storage
        self.name: str = storage.bucket_name

    @property
    def words(self) -> str:
        """What it is called in messages to people."""
        return f"bucket {self.name} at {self._storage.endpoint_url}"

    @property
    def client(self) -> Any:
        """boto3's client, with which Bearman itself speaks to the server."""
        return self._storage.connection.meta.client

    @cached_property
    def signer(self) -> Any:
        """A client that signs for the address at which nodes reach the server; it sends nothing."""
        of = self._storage
        session = boto3.session.Session(of.access_key or None, of.secret_key or None)
        return session.client(
            "s3",
            endpoint_url=settings.S3_PUBLIC_ENDPOINT or of.endpoint_url,
            region_name=of.region_name,
            config=of.client_config,
        )

    def url(self, path: str) -> str:
        """Return the plain address, or one with a signature: see BEARMAN_S3_URLS."""
        if not self._storage.querystring_auth:
            return str(self._storage.url(path))
        asked = {"Bucket": self.name, "Key": path}
        return self._signed("get_object", asked)

    def put_url(self, path: str, size: int) -> str | None:
        """Return an address for one PUT of exactly that many bytes; raises Invalid for too many."""
        if size > ONE_PUT:
            raise Invalid(f"{path} has {size} bytes, and one upload may have at most {ONE_PUT}.")
        return self._signed("put_object", {"Bucket": self.name, "Key": path, "ContentLength": size})

    def write(self, path: str, file: IO[bytes]) -> None:
        """Send a file, a large one in pieces that become an object when all are there."""
        with self._told("write", path):
            content = {"ContentType": "application/octet-stream"}
            self.client.upload_fileobj(
                _Unclosed(file), self.name, path, ExtraArgs=content, Config=SENDING
            )

    def size(self, path: str) -> int | None:
        """Return an object's size in bytes; None where there is no such object."""
        with self._told("read", path):
            head = self.head(self.client.head_object, Key=path)
            return None if head is None else int(head["ContentLength"])

    def head(self, ask: Callable[..., Any], **what: str) -> dict[str, Any] | None:
        """Ask with HEAD; None for what is not there. Its refusal has no words, so ask for them."""
        try:
            return dict(ask(Bucket=self.name, **what))
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == 404:
                return None
            if status in {400, 403}:
                self.client.list_objects_v2(Bucket=self.name, MaxKeys=1)
            raise

    def pieces(self, path: str) -> Iterator[bytes]:
        """Read an object in pieces."""
        with self._told("read", path):
            body = self.client.get_object(Bucket=self.name, Key=path)["Body"]
            try:
                yield from body.iter_chunks(CHUNK)
            finally:
                body.close()

    def move(self, source: str, target: str) -> None:
        """Have the server copy it, and delete the first one."""
        with self._told("move", source):
            place = {"Bucket": self.name, "Key": source}
            self.client.copy(place, self.name, target, Config=COPYING)
            self.client.delete_object(**place)

    def delete(self, path: str) -> None:
        """Delete an object."""
        with self._told("delete", path):
            self.client.delete_object(Bucket=self.name, Key=path)

    def listed(self, prefix: str) -> Iterator[Stored]:
        """Return all objects below a prefix, page by page."""
        with self._told("list", prefix):
            pages = self.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.name, Prefix=prefix):
                for found in page.get("Contents", ()):
                    yield Stored(found["Key"], found["Size"], found["LastModified"])

    def _signed(self, operation: str, asked: dict[str, Any]) -> str:
        with self._told("read" if operation == "get_object" else "write", asked["Key"]):
            return str(
                self.signer.generate_presigned_url(
                    operation, Params=asked, ExpiresIn=settings.S3_URL_SECONDS
                )
            )

    @contextmanager
    def _told(self, doing: str, path: str) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, Boto3Error, ClientError, HTTPClientError) as error:
            raise explained(error, doing=doing, path=path, place=self.words) from error


class _Unclosed:
    """A file of the caller, which boto3 would close."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        return self._file.read(size)
