"""Takes addresses back."""

from typing import Any

from django.conf import settings
from django.db import connection

from ipman.services.owners import owner_check
from ipman.transactions import refuse_inside_transaction

_RELEASE = """
UPDATE ipman_address AS address
SET owner = NULL, key = '', allocated_at = NULL, last_owner = owner, changed_by = %(actor)s,
    released_at = statement_timestamp(),
    available_at = statement_timestamp()
        + make_interval(secs => coalesce(pool.rest_seconds, %(rest_seconds)s))
FROM ipman_pool AS pool
WHERE pool.id = address.pool_id AND owner = %(owner)s AND %(key)s IN ('', key)
RETURNING address.address
"""


def address_release(*, owner: str, key: str = "", actor: str = "") -> list[str]:
    """Take back the owner's address under `key`, or all of them; return which.

    They rest for their pool's `rest_seconds` before they are handed out again. Releasing what is
    released is no error. Raises Invalid. Commits by itself, as `address_allocate`.
    """
    refuse_inside_transaction()
    owner_check(owner=owner, key=key)
    values: dict[str, Any] = {
        "owner": owner,
        "key": key,
        "actor": actor,
        "rest_seconds": settings.IPMAN_REST_SECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, values)
        return sorted(address for (address,) in cursor.fetchall())
