"""A kept connection is looked at, not asked, before each request."""

import select

import pytest
from django.db import connection
from django.db.utils import DataError, OperationalError

from bearman.database.base import DatabaseWrapper


@pytest.fixture
def kept(transactional_db: None) -> DatabaseWrapper:
    """A connection beside that of the test."""
    other = connection.copy()
    assert isinstance(other, DatabaseWrapper)
    other.ensure_connection()
    return other


def backend(kept: DatabaseWrapper) -> int:
    assert kept.connection is not None
    return int(kept.connection.info.backend_pid)


def server_spoke(kept: DatabaseWrapper) -> None:
    """Wait until what the server says, or its end, has arrived here."""
    assert kept.connection is not None
    assert select.select([kept.connection.fileno()], [], [], 10)[0], "the server said nothing"


def statements(pid: int) -> str:
    """What the server did last for that connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid])
        return str(cursor.fetchone()[0])


def test_a_good_connection_is_usable_without_a_word_to_the_server(kept: DatabaseWrapper) -> None:
    with kept.cursor() as cursor:
        cursor.execute("SELECT 'last'")
    assert kept.is_usable()
    assert "'last'" in statements(backend(kept))
    kept.close()
    assert not kept.is_usable()


def test_a_connection_that_the_server_ended_is_not_used_again(kept: DatabaseWrapper) -> None:
    pid = backend(kept)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    server_spoke(kept)
    assert not kept.is_usable()
    with pytest.raises(OperationalError), kept.cursor() as cursor:
        cursor.execute("SELECT 1")
    kept.close_if_unusable_or_obsolete()
    with kept.cursor() as cursor:
        cursor.execute("SELECT 2")
        assert cursor.fetchone() == (2,)
    assert backend(kept) != pid
    kept.close()


def test_a_connection_on_which_the_server_said_something_is_asked(kept: DatabaseWrapper) -> None:
    with kept.cursor() as cursor:
        cursor.execute("LISTEN something")
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY something")
    server_spoke(kept)
    assert kept.is_usable()
    assert "SELECT 1" in statements(backend(kept))
    kept.close()


def test_a_connection_in_a_transaction_that_an_error_ended_is_not_usable(
    kept: DatabaseWrapper,
) -> None:
    kept.set_autocommit(False)
    with pytest.raises(DataError), kept.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert not kept.is_usable()
    kept.rollback()
    assert kept.is_usable()
    kept.close()
