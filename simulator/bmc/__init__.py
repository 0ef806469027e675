"""Simulated BMCs that speak IPMI 2.0 (RMCP+) on UDP: see SimulatedBmc and BmcFleet."""

from simulator.bmc.behaviour import BmcFaults, Identify, PowerAction, PowerRefusedError, Reactions
from simulator.bmc.device import SimulatedBmc
from simulator.bmc.device_id import DeviceId
from simulator.bmc.fleet import IPMI_PORT, BmcFleet
from simulator.bmc.lan import BmcAddressError, LanConfig, LanParam, Source
from simulator.bmc.users import Privilege, User

__all__ = [
    "IPMI_PORT",
    "BmcAddressError",
    "BmcFaults",
    "BmcFleet",
    "DeviceId",
    "Identify",
    "LanConfig",
    "LanParam",
    "PowerAction",
    "PowerRefusedError",
    "Privilege",
    "Reactions",
    "SimulatedBmc",
    "Source",
    "User",
]
