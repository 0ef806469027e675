"""One lock for each version of an image: whoever adds its files, or removes them, has it alone.

PostgreSQL's own advisory locks: who is killed loses them at once. All raise Busy.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from django.db import connection

from bearman.lib.errors import Busy


@contextmanager
def alone(name: str, version: str) -> Iterator[None]:
    """Hold the lock on a version while its files are verified, renamed or removed."""
    _take("pg_try_advisory_lock", name, version)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_number(name, version)])


def alone_until_commit(name: str, version: str) -> None:
    """Take the same lock until the transaction ends, also one around the caller's own."""
    _take("pg_try_advisory_xact_lock", name, version)


def _take(function: str, name: str, version: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_number(name, version)])
        if not cursor.fetchone()[0]:
            raise Busy(
                f"Somebody adds or deletes {name}/{version} just now.", advice="Try again soon."
            )


def _number(name: str, version: str) -> int:
    digest = blake2b(f"image {name}/{version}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
