"""What can be wrong with the firmware of a machine, and with the tools that update it.

Each has one component with a firmware of a year before; see simulator/baselines.py.
"""

from dataclasses import replace
from typing import Any

from simulator.fault import DARK_AND_READY, REGISTER_FAILED, Fault, Needs, Outcome, Trick
from simulator.hardware.identity import Identity

LIT_AND_FAILED = Outcome(REGISTER_FAILED, lit=True)


def old_bmc(identity: Identity, _twin: Identity) -> Identity:
    """The machine with the former firmware of its BMC, which needs no restart to be updated."""
    bmc = identity.model.bmc
    return replace(identity, model=replace(identity.model, bmc=replace(bmc, firmware=bmc.previous)))


def old_bios(identity: Identity, _twin: Identity) -> Identity:
    """The machine with its former BIOS."""
    bios = identity.model.bios
    old = {"version": bios["previous"], "date": bios["previous_date"]}
    return replace(identity, model=replace(identity.model, bios=bios | old))


def old_nics(identity: Identity, _twin: Identity) -> Identity:
    """The machine with the former firmware of the card with its uplinks."""
    chip = identity.uplinks[0].nic
    ports = [
        replace(port, nic=replace(port.nic, firmware=port.nic.previous))
        if port.nic == chip
        else port
        for port in identity.ports
    ]
    return replace(identity, ports=tuple(ports))


def has_old_bios(identity: Identity) -> bool:
    """Whether its former BIOS is known."""
    return "previous" in identity.model.bios


def has_mellanox(identity: Identity) -> bool:
    """Whether its uplinks are on a card that mstflint can write to."""
    nic = identity.uplinks[0].nic
    return nic.driver == "mlx5_core" and bool(nic.previous)


def _fault(name: str, about: str, code: str = "", **more: Any) -> Fault:
    return Fault(
        name,
        about,
        LIT_AND_FAILED if code else DARK_AND_READY,
        issues=(code,) if code else (),
        needs=Needs.BASELINE,
        **more,
    )


FIRMWARE_FAULTS = (
    _fault("firmware-behind", "the firmware of its BMC is old, and is updated", identity=old_bmc),
    _fault(
        "firmware-reboot",
        "its BIOS is old, and is updated with a restart",
        identity=old_bios,
        suits=has_old_bios,
    ),
    _fault(
        "firmware-card",
        "the firmware of its network card is old, and is updated with a restart",
        identity=old_nics,
        suits=has_mellanox,
    ),
    _fault(
        "firmware-wont-apply",
        "its firmware tool says that all went well, and the old version stays",
        "FW-003",
        identity=old_bmc,
        trick=Trick.FLASH_LIES,
    ),
    _fault(
        "firmware-tool-fails",
        "its firmware tool ends with an error",
        "FW-004",
        identity=old_bmc,
        trick=Trick.FLASH_FAILS,
    ),
    _fault(
        "firmware-tool-hangs",
        "its firmware tool never ends",
        "FW-005",
        identity=old_bmc,
        trick=Trick.FLASH_HANGS,
    ),
    _fault(
        "firmware-power-cut",
        "loses power in the middle of an update, and goes on when it is back",
        identity=old_bmc,
        trick=Trick.FLASH_LOSES_POWER,
    ),
)
