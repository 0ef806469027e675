"""Two rows exchange what they know of their machines; each keeps its number, place and BMC."""

from django.db import connection

from nodes.models import Node
from nodes.services.inventory import COLUMNS

# What a machine says of itself goes with it, and so does where and when it last spoke.
_COLUMNS = (*COLUMNS, "uuid", "address", "last_seen")
_TABLES = (
    "nodes_networkinterface",
    "nodes_disk",
    "nodes_memorymodule",
    "nodes_processor",
    "nodes_rawinventory",
)


def inventory_swap(*, one: Node, two: Node) -> None:
    """Exchange columns and parts of two locked nodes; doing it twice gives back the first.

    To be called in a transaction. The columns of `one` and `two` change, and are not saved: the
    caller knows in which order that may be.
    """
    for name in _COLUMNS:
        ours, theirs = getattr(one, name), getattr(two, name)
        setattr(one, name, theirs)
        setattr(two, name, ours)
    # Rows of a node that is not there stand aside meanwhile: PostgreSQL looks at foreign keys when
    # the transaction ends.
    aside = -one.pk
    with connection.cursor() as cursor:
        for table in _TABLES:
            for source, target in ((one.pk, aside), (two.pk, one.pk), (aside, two.pk)):
                cursor.execute(
                    f"UPDATE {table} SET node_id = %s WHERE node_id = %s",  # noqa: S608, our names
                    [target, source],
                )


def columns_save(node: Node, *more: str) -> None:
    """Write what `inventory_swap` changed, and `more` columns."""
    node.save(update_fields=[*_COLUMNS, *more])
