"""How Bearman speaks to an object storage, from its settings; no Django here."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from environs import EnvError

if TYPE_CHECKING:
    from botocore.config import Config

LONGEST_SECONDS = 604_800  # a signature may live a week: AWS Signature Version 4 for query strings


def client_config(
    *, addressing: str, checksums: str, connect_seconds: float, read_seconds: float, attempts: int
) -> "Config":
    """Return botocore's settings: no wait and no number of attempts is without a limit."""
    from botocore.config import Config  # noqa: PLC0415 (slow, and only S3 needs it)

    return Config(
        signature_version="s3v4",
        s3={"addressing_style": addressing},
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=16,
    )


def backend(
    *,
    endpoint: str,
    bucket: str,
    access_key: str,
    secret_key: str,
    region: str,
    ca: str,
    public_url: str,
    config: "Config",
) -> dict[str, Any]:
    """Return the entry of Django's STORAGES; an empty `public_url` has all addresses signed."""
    scheme, _, rest = public_url.partition("//")
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "endpoint_url": endpoint,
            "bucket_name": bucket,
            "access_key": access_key,
            "secret_key": secret_key,
            "region_name": region,
            "verify": ca or None,
            "client_config": config,
            "querystring_auth": not public_url,
            "url_protocol": scheme or "http:",
            "custom_domain": rest or None,
        },
    }


def endpoint(text: str, *, setting: str) -> str:
    """Return the address of a server without what is not needed; raises EnvError for another."""
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query):
        raise EnvError(f"{setting}: {text!r} is no address. Write it as https://s3.example:443.")
    return text.rstrip("/")


def folder(endpoint: str, bucket: str, addressing: str) -> str:
    """Return the address of a bucket, below which its public objects lie."""
    if addressing == "path":
        return f"{endpoint}/{bucket}"
    scheme, _, rest = endpoint.partition("://")
    return f"{scheme}://{bucket}.{rest}"
