"""What clients do in the database: allocations, and the bare statement beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import django
import psycopg

from bench.clients import Operation


@dataclass(frozen=True, slots=True)
class Inserting:
    """A bare INSERT, committed: what any row in the database costs."""

    url: str

    def jobs(self, numbers: range) -> Sequence[Any]:
        """Return the numbers."""
        return numbers

    def operation(self) -> Operation:
        """Return an INSERT over a connection of its own."""
        connection = psycopg.connect(self.url, autocommit=True)
        return lambda number: connection.execute(
            "INSERT INTO bench_bare (owner) VALUES (%s)", [f"bench:{number}"]
        )


@dataclass(frozen=True, slots=True)
class Allocating:
    """Owners who ask IPman in this process for their first address, as registrations do."""

    zone: str
    purpose: str

    def jobs(self, numbers: range) -> Sequence[Any]:
        """Return the owners, and set Django up: from here on this process is one of Bearman's."""
        django.setup()
        return [f"bench:{number}" for number in numbers]

    def operation(self) -> Operation:
        """Return the service's call."""
        from ipman.services import address_allocate  # noqa: PLC0415, needs Django to be set up

        def allocate(owner: str) -> None:
            given = address_allocate(zone=self.zone, purpose=self.purpose, owner=owner)
            if not given.created:
                raise RuntimeError(f"{owner} had {given.address} already.")

        return allocate


@dataclass(frozen=True, slots=True)
class Selecting:
    """A bare SELECT with all its rows."""

    url: str
    sql: str
    values: tuple[Any, ...]

    def jobs(self, numbers: range) -> Sequence[Any]:
        """Return the numbers."""
        return numbers

    def operation(self) -> Operation:
        """Return the SELECT over a connection of its own."""
        connection = psycopg.connect(self.url, autocommit=True)
        return lambda _: connection.execute(self.sql, self.values).fetchall()
