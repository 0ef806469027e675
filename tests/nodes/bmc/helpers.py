"""Drivers for the BMCs of a rig, with time limits short enough for tests."""

from nodes.bmc import BmcDriver, BmcEndpoint, BmcTimings, driver_for
from simulator.bmc import SimulatedBmc
from tests.simulator.bmc.rig import PASSWORD, USER, Relay, Rig

PATIENT = BmcTimings(login_s=8, command_s=8, attempts=2, backoff_s=0.1)
HASTY = BmcTimings(login_s=0.3, command_s=0.3, attempts=3, backoff_s=0.05)


def driver(
    rig: Rig,
    bmc: SimulatedBmc,
    timings: BmcTimings = PATIENT,
    *,
    user: str = USER,
    password: str = PASSWORD,
) -> BmcDriver:
    """A driver that talks to the BMC directly."""
    endpoint = BmcEndpoint(str(bmc.lan.address), user, password, rig.fleet.port)
    return driver_for(endpoint, timings=timings)


def driver_through(relay: Relay, timings: BmcTimings = PATIENT) -> BmcDriver:
    """A driver that talks to a BMC through a relay."""
    return driver_for(BmcEndpoint("127.0.0.1", USER, PASSWORD, relay.port), timings=timings)
