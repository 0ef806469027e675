"""Fixtures for tests of machines."""

from tests.simulator.bmc.conftest import rig

__all__ = ["rig"]
