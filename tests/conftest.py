"""What all tests share: a data folder of their own, and the servers that they talk to."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from bearman.lib import postgres

# Before Django reads its settings: an embedded PostgreSQL for this run alone. The workers of
# pytest-xdist inherit the variable, and so share the server with a database each.
if "BEARMAN_TEST_DATA" not in os.environ:
    os.environ["BEARMAN_TEST_DATA"] = tempfile.mkdtemp(prefix="bearman-tests-")
    _OWNER = os.getpid()
else:
    _OWNER = 0
os.environ["BEARMAN_DATA_DIR"] = os.environ["BEARMAN_TEST_DATA"]
os.environ.setdefault("BEARMAN_LOG_LEVEL", "WARNING")
os.environ["BEARMAN_DATABASE_POOL"] = "0"  # a pool would keep the test database busy at its end


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the embedded PostgreSQL and remove the data folder."""
    if os.getpid() != _OWNER:
        return
    data = Path(os.environ["BEARMAN_TEST_DATA"])
    postgres.stop(data)
    shutil.rmtree(data, ignore_errors=True)
