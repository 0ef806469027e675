"""What an object storage answers when it fails, in words with advice."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSLError,
)

from bearman.lib.errors import BearmanError, NotFound, Unavailable
from bearman.lib.issues import storage as issues
from bearman.lib.issues.issue import Issue

# What a key must be allowed for what Bearman does. Without s3:ListBucket a server answers 403 for
# an object that is not there, so reading needs both.
PERMISSIONS = {
    "read": "s3:GetObject and s3:ListBucket",
    "write": "s3:PutObject",
    "move": "s3:GetObject, s3:PutObject and s3:DeleteObject",
    "delete": "s3:DeleteObject",
    "list": "s3:ListBucket",
    "make": "s3:ListBucket and s3:CreateBucket",
    "set up": "s3:GetBucketPolicy, s3:PutBucketPolicy, s3:GetLifecycleConfiguration and "
    "s3:PutLifecycleConfiguration",
}
_KEYS = {
    "InvalidAccessKeyId": "does not know the access key",
    "SignatureDoesNotMatch": "says that the secret key does not fit the access key",
    "InvalidToken": "refuses the token of the access key",
    "ExpiredToken": "says that the token of the access key has ended",
}
_FULL = {"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "InsufficientCapacity"}
# Error codes of S3 API Reference, "Error responses", and of Ceph's rgw_common.cc.
_CODES: dict[str, tuple[Issue, str]] = {
    "NoSuchBucket": (issues.NO_PLACE, "There is no {place}."),
    "RequestTimeTooSkewed": (
        issues.CLOCKS_DIFFER,
        "The storage's clock is more than 15 minutes away from Bearman's ({place}).",
    ),
    "MissingContentLength": (
        issues.CHECKSUMS_REFUSED,
        "Bearman cannot {what}: the server misses the length of it.",
    ),
}


def explained(error: Exception, *, doing: str, path: str, place: str) -> BearmanError:
    """Return what to raise for an error of boto3 at doing something with a path.

    `place` names bucket and server; `doing` is one of PERMISSIONS.
    """
    if isinstance(error, ClientError):
        return _answered(error, doing, path, place)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return Unavailable(
            f"Bearman has no key for {place}.",
            advice="Set BEARMAN_S3_ACCESS_KEY and BEARMAN_S3_SECRET_KEY.",
            issue=issues.REFUSED,
        )
    if isinstance(error, SSLError):
        return Unavailable(
            f"The certificate of {place} cannot be verified: {_short(error)}.",
            issue=issues.UNTRUSTED,
        )
    return Unavailable(
        f"Bearman cannot {_what(doing, path, place)}: {_short(error)}.", issue=issues.UNREACHABLE
    )


def _answered(error: ClientError, doing: str, path: str, place: str) -> BearmanError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    what = _what(doing, path, place)
    if code in _CODES:
        issue, words = _CODES[code]
        return Unavailable(words.format(place=place, what=what), issue=issue)
    if code in _KEYS:
        return Unavailable(f"The server of {place} {_KEYS[code]}.", issue=issues.REFUSED)
    if code in _FULL or status == 507:
        return Unavailable(f"There is no space left for {path} in {place}.", issue=issues.FULL)
    if status == 403:
        return _forbidden(doing, path, place)
    if code in {"NoSuchKey", "404", "NoSuchUpload"}:
        return NotFound(f"There is no {path} in {place}.", issue=issues.MISSING)
    said = f"{code or 'an error'} ({status})"
    return Unavailable(f"Bearman cannot {what}: it answers {said}.", issue=issues.UNREACHABLE)


def _forbidden(doing: str, path: str, place: str) -> BearmanError:
    return Unavailable(
        f"Bearman's key may not {_what(doing, path, place)}.",
        advice=f"Allow its user {PERMISSIONS[doing]} there, in the bucket's policy or the user's, "
        "and see that the bucket is Bearman's own.",
        issue=issues.REFUSED,
    )


def _what(doing: str, path: str, place: str) -> str:
    return f"{doing} {path} in {place}" if path else f"{doing} {place}"


def _short(error: Exception) -> str:
    """Return the innermost reason, which says more than the layers around it, in one line."""
    reason: BaseException = error
    seen = [reason]
    while True:
        args = getattr(reason, "kwargs", {}) if isinstance(reason, BotoCoreError) else {}
        deeper = args.get("error") or getattr(reason, "reason", None) or reason.__cause__
        if not isinstance(deeper, BaseException) or deeper in seen:
            break
        seen.append(reason := deeper)
    words = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return " ".join(str(words).split())[:200].rstrip(".")
