"""A data folder for each run of the tests, before Django reads its settings.

pytest loads it with `-p` (see pyproject.toml): by the time conftest.py is read, pytest-django has
set Django up already where there is one process only.
"""

import os
import tempfile

# An embedded PostgreSQL for this run alone. Workers of pytest-xdist inherit the variable, and so
# share the server with a database each.
OWNER = 0
if "BEARMAN_TEST_DATA" not in os.environ:
    os.environ["BEARMAN_TEST_DATA"] = tempfile.mkdtemp(prefix="bearman-tests-")
    OWNER = os.getpid()
os.environ["BEARMAN_DATA_DIR"] = os.environ["BEARMAN_TEST_DATA"]
# pytest's own folder for all runs of a user is closed to others whenever a run begins, and the
# embedded PostgreSQL of another run, which has a user of its own, could not get at its data.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", os.environ["BEARMAN_TEST_DATA"])
os.environ.setdefault("BEARMAN_LOG_LEVEL", "WARNING")
