"""The drivers are tested against simulated BMCs that speak IPMI over UDP."""

from tests.simulator.bmc.conftest import rig

__all__ = ["rig"]
