"""Fixtures for tests with simulated BMCs."""

from collections.abc import Iterator

import pytest

from tests.simulator.bmc.rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    """A running fleet, stopped at the end of the test."""
    rig = Rig()
    rig.fleet.start()
    yield rig
    rig.close()
