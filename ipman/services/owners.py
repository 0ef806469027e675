"""Who may have addresses, and what happens where an owner has one already."""

from django.db import IntegrityError
from psycopg.errors import UniqueViolation

from bearman.lib.errors import Conflict, Invalid
from ipman import texts
from ipman.services.allocated import AllocatedAddress


def owner_check(*, owner: str, key: str) -> None:
    """Raise Invalid unless `owner` (1 to 200 characters) and `key` (up to 100) can be kept."""
    texts.check("owner", owner, texts.OWNER_LENGTH)
    texts.check("key", key, texts.KEY_LENGTH)
    if not owner:
        raise Invalid("An address needs an owner.", advice="Send `owner`, such as `node:4711`.")


def has_already(present: AllocatedAddress, wanted: str) -> Conflict:
    """Return the error for an owner who has `present` and wants something else under its key."""
    return Conflict(
        f"{present.owner} has {present.address} (pool {present.pool}, zone {present.zone}, "
        f"{present.purpose}) under the key {present.key!r} already, but asks for {wanted}.",
        advice="Release that address first, or ask under another key.",
    )


def is_duplicate(error: IntegrityError) -> bool:
    """Tell whether somebody else was faster to write the same owner and key."""
    cause = error.__cause__
    return (
        isinstance(cause, UniqueViolation)
        and cause.diag.constraint_name == "ipman_address_owner_key"
    )
