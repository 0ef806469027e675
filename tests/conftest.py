"""What all tests share: a data folder of their own, and the servers that they talk to."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from bearman.lib import postgres
from tests import early

# Computers that run tests are busy with other things: no example fails because it took long.
settings.register_profile(
    "bearman",
    settings.get_profile("ci" if "CI" in os.environ else "default"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("bearman")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the embedded PostgreSQL and remove the data folder."""
    if os.getpid() != early.OWNER:
        return
    data = Path(os.environ["BEARMAN_TEST_DATA"])
    postgres.stop(data)
    shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Let no thread of a server keep its connection: it would keep the test database busy."""
    connections.databases["default"]["CONN_MAX_AGE"] = 0


@pytest.fixture(autouse=True)
def empty_queue(
    request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Empty the queue after a test that commits.

    Its end empties Django's tables alone; procrastinate manages its own.
    """
    yield
    mark = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if commits or (mark and mark.kwargs.get("transaction")):
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_events, procrastinate_jobs CASCADE")
