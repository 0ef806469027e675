"""Makes rows of a pool's fresh addresses, some hundred at a time."""

import json
from typing import Any

from django.db import connection

from ipman.layout import addresses, from_texts, to_texts
from ipman.models import Pool
from ipman.spans import take

BATCH = 256

# One statement, so that no process can hold the pool's lock by dying or dozing. Whoever comes
# second finds that `fresh` has changed and writes nothing.
_REFILL = """
WITH refilled AS (
    UPDATE ipman_pool SET fresh = %(rest)s::jsonb
    WHERE id = %(pool)s AND fresh = %(fresh)s::jsonb
    RETURNING id
)
INSERT INTO ipman_address (address, pool_id)
SELECT unnest(%(addresses)s::inet[]), id FROM refilled
"""


def pool_refill(*, pool_id: int) -> bool:
    """Make rows of the next fresh addresses; False if the pool has none left.

    True also where another process did it in the meantime: there is something to try again for.
    """
    fresh = Pool.objects.filter(pk=pool_id).values_list("fresh", flat=True).first()
    if not fresh:
        return False
    family = 6 if ":" in fresh[0][0] else 4
    batch, rest = take(from_texts(fresh), BATCH)
    values: dict[str, Any] = {
        "pool": pool_id,
        "fresh": json.dumps(fresh),
        "rest": json.dumps(to_texts(rest, family)),
        "addresses": addresses(batch, family),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REFILL, values)
    return True
