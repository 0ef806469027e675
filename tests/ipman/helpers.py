"""Threads with their own connections, and the books of a pool."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TypeVar

import psycopg
from django.db import connection, connections

from ipman.layout import from_texts
from ipman.models import Address, Pool
from ipman.spans import Span, size, without

T = TypeVar("T")


@contextmanager
def own_connection() -> Iterator[None]:
    """Give this thread a connection that is not one of the few in Django's pool."""
    mine = connections["default"]
    options = {**mine.settings_dict["OPTIONS"]}
    options.pop("pool", None)
    mine.settings_dict = {**mine.settings_dict, "OPTIONS": options}
    try:
        yield
    finally:
        mine.close()


def in_threads(jobs: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run all jobs at once, a thread and a connection each; return results or what they raised."""
    all_connected = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T | Exception:
        with own_connection():
            connection.ensure_connection()
            all_connected.wait(timeout=60)
            try:
                return job()
            except Exception as error:
                return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@contextmanager
def other_session() -> Iterator[psycopg.Connection]:
    """A session of its own with a transaction open, which is rolled back at the end."""
    settings = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(**{n: settings[n] for n in names if n in settings}) as session:
        session.execute("SELECT 1")
        yield session
        session.rollback()


def assert_books_balance(pool: Pool) -> None:
    """None lost, none twice: each allowed address has a row or is fresh, and never both."""
    pool = Pool.objects.get(pk=pool.pk)
    allowed = pool.layout.allowed()
    fresh = from_texts(pool.fresh)
    rows = Address.objects.filter(pool=pool)
    assert rows.count() + size(fresh) == size(allowed)
    assert rows.within(allowed, pool.family).count() == rows.count()
    assert not rows.within(fresh, pool.family).exists()
    assert without(fresh, allowed) == []
    assert all(isinstance(span, Span) for span in fresh)
