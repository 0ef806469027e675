"""Writes a node's parts: all kinds in one statement, since a registration brings thirty rows."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

Rows = Sequence[dict[str, Any]]

# Table and columns of each kind; a row that is given has a value for each of its columns.
_KINDS = {
    "interfaces": (
        "nodes_networkinterface",
        "name, mac, state, mtu, driver, driver_version, firmware, bus",
    ),
    "disks": (
        "nodes_disk",
        "name, model, revision, serial, wwn, size_bytes, rotational, transport",
    ),
    "memory_modules": (
        "nodes_memorymodule",
        "position, slot, size_bytes, type, speed_mts, manufacturer, part_number, serial",
    ),
    "processors": (
        "nodes_processor",
        "position, socket, manufacturer, model, cores, threads, speed_mhz",
    ),
}


def _all(statements: Sequence[str]) -> str:
    """Return one statement that does all of these, which touch different tables."""
    *others, last = statements
    named = (f"s{number} AS ({text})" for number, text in enumerate(others))
    return f"WITH {', '.join(named)} {last}"


# Only names from the table above are put together here; values are always parameters.
_DELETE = _all(
    [f"DELETE FROM {table} WHERE node_id = %(node)s" for table, _ in _KINDS.values()]  # noqa: S608
)
_INSERT = _all(
    [
        f"INSERT INTO {table} (node_id, {columns}) SELECT %(node)s, {columns} "  # noqa: S608
        f"FROM jsonb_populate_recordset(NULL::{table}, %({kind})s::jsonb)"
        for kind, (table, columns) in _KINDS.items()
    ]
)


def parts_replace(
    *,
    node_id: int,
    first: bool,
    interfaces: Rows,
    disks: Rows,
    memory_modules: Rows,
    processors: Rows,
) -> None:
    """Replace the node's parts by these; `first` says that it has none yet.

    To be called in a transaction that holds the node.
    """
    given = {
        "interfaces": interfaces,
        "disks": disks,
        "memory_modules": memory_modules,
        "processors": processors,
    }
    with connection.cursor() as cursor:
        if not first:
            cursor.execute(_DELETE, {"node": node_id})
        cursor.execute(
            _INSERT, {"node": node_id, **{kind: json.dumps(rows) for kind, rows in given.items()}}
        )
