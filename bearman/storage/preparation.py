"""Making a bucket fit for Bearman; doing it twice changes nothing."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from bearman.storage.bucket import Bucket
from bearman.storage.refusals import explained

READ = "BearmanPublicRead"  # names our statement among those that others have in the policy
TIDY = "bearman-incoming"  # and our rule among theirs


def bucket_prepare(bucket: Bucket, *, public: tuple[str, ...], incoming: str) -> Iterator[str]:
    """Make the bucket, let all read what machines fetch, and tidy uploads; yields what was done.

    Statements and rules of others stay. With BEARMAN_S3_URLS=signed nobody may read without a
    signature. Raises Unavailable where the server refuses.
    """
    yield _made(bucket)
    yield _policy(bucket, public if settings.S3_URLS == "public" else ())
    yield _lifecycle(bucket, incoming)


def _made(bucket: Bucket) -> str:
    with _told(bucket, "make"):
        if bucket.head(bucket.client.head_bucket) is None:
            bucket.client.create_bucket(Bucket=bucket.name, **_where())
            return f"Made {bucket.words}."
    return f"There is {bucket.words}."


def _where() -> dict[str, Any]:
    """AWS wants its region said again, but for the first one; Ceph and MinIO want nothing."""
    if ".amazonaws.com" not in settings.S3_ENDPOINT or settings.S3_REGION == "us-east-1":
        return {}
    return {"CreateBucketConfiguration": {"LocationConstraint": settings.S3_REGION}}


def _policy(bucket: Bucket, public: tuple[str, ...]) -> str:
    words = f"All may read {', '.join(public)}" if public else "Nobody may read without a signature"
    with _told(bucket, "set up"):
        now = _or_none("NoSuchBucketPolicy", bucket.client.get_bucket_policy, bucket)
        before = json.loads(now["Policy"])["Statement"] if now else []
        after = [statement for statement in before if statement.get("Sid") != READ]
        after += [_may_read(bucket.name, public)] if public else []
        if after == before:
            return f"{words}, as before."
        if after:
            policy = json.dumps({"Version": "2012-10-17", "Statement": after})
            bucket.client.put_bucket_policy(Bucket=bucket.name, Policy=policy)
        else:
            bucket.client.delete_bucket_policy(Bucket=bucket.name)
    return f"{words} from now on."


def _may_read(name: str, public: tuple[str, ...]) -> dict[str, Any]:
    return {
        "Sid": READ,
        "Effect": "Allow",
        "Principal": {"AWS": ["*"]},
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{name}/{prefix}*" for prefix in public],
    }


def _lifecycle(bucket: Bucket, incoming: str) -> str:
    with _told(bucket, "set up"):
        now = _or_none(
            "NoSuchLifecycleConfiguration", bucket.client.get_bucket_lifecycle_configuration, bucket
        )
        before = (now or {}).get("Rules", [])
        if any(rule.get("ID") == TIDY for rule in before):
            return f"Uploads that nobody completed are removed from {incoming}, as before."
        bucket.client.put_bucket_lifecycle_configuration(
            Bucket=bucket.name, LifecycleConfiguration={"Rules": [*before, *_tidy(incoming)]}
        )
    return f"Uploads that nobody completed are removed from {incoming} after two days."


def _tidy(incoming: str) -> list[dict[str, Any]]:
    return [
        {
            "ID": TIDY,
            "Status": "Enabled",
            "Filter": {"Prefix": incoming},
            "Expiration": {"Days": 2},
        },
        {
            "ID": f"{TIDY}-parts",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
        },
    ]


def _or_none(code: str, ask: Callable[..., Any], bucket: Bucket) -> dict[str, Any] | None:
    try:
        return dict(ask(Bucket=bucket.name))
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == code:
            return None
        raise


@contextmanager
def _told(bucket: Bucket, doing: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise explained(error, doing=doing, path="", place=bucket.words) from error
