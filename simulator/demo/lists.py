"""What the demo's operator knows beforehand: what was ordered, its cables, its firmware."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from simulator.demo.product import ZONE
from simulator.fabric import MACHINES_A_RACK, MTU, SIDES, UNITS_A_MACHINE, VLAN, Stand
from simulator.lineup import Place
from simulator.listing import as_csv, missing
from simulator.lists import Command, firmware

COMPONENTS = ("bmc", "bios")  # each command takes a second, and no card of the demo is behind


def commands(places: Sequence[Place], folder: Path) -> Iterator[Command]:
    """The words after `bearman` that tell it all; their files go into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    yield "expected_import", str(_expected(places, folder))
    yield from _plans(places)
    yield from firmware(places, folder, COMPONENTS)


def _expected(places: Sequence[Place], folder: Path) -> Path:
    """The list of what was ordered, with one machine that does not arrive."""
    lines = [place.listing | {"zone": ZONE} for place in places if place.listing]
    highest = Stand(places[0].stand.rack, 1 + UNITS_A_MACHINE * (MACHINES_A_RACK - 1))
    file = folder / "expected.csv"
    file.write_text(as_csv([*lines, missing(highest, lines[0])]), "utf-8")
    return file


def _plans(places: Sequence[Place]) -> Iterator[Command]:
    """A wiring plan for each rack, by pattern: in one rack all machines are alike."""
    alike = {place.stand.rack: place.identity for place in places}
    for rack, identity in alike.items():
        words = ["wiring_plan_create", f"rack-{rack}", "--rack", rack]
        for port, side in zip(identity.uplinks, SIDES, strict=True):
            speed = f"speed={port.nic.mbps // 1000} vlan={VLAN} mtu={MTU}"
            words += ["--pattern", f"{port.name} -> leaf-{{rack}}{side}:{{unit}} {speed}"]
        yield words
