"""What all tests share: a data folder of their own, and the servers that they talk to."""

import os
import shutil
from pathlib import Path

import pytest
from django.db import connections
from hypothesis import HealthCheck, settings

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
