"""What an operator knows of machines beforehand: files, and commands that give it to Bearman."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from simulator.baselines import baselines
from simulator.fabric import cabling
from simulator.lineup import Place
from simulator.listing import as_csv, cable_lines

Command = Sequence[str]


def write_lists(places: Sequence[Place], folder: Path) -> Iterator[Command]:
    """Write the order, the cables and the firmware, and give the words after `bearman` for each."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [place.listing for place in places if place.listing]
    yield "expected_import", _written(folder / "expected.csv", as_csv(lines))
    right = [(place.stand, cabling(place.identity, place.stand)) for place in places]
    cables = [line for stand, own in right for line in cable_lines(stand, own)]
    yield "cables_import", _written(folder / "cables.csv", as_csv(cables))
    yield from firmware(places, folder)


def firmware(
    places: Sequence[Place], folder: Path, components: Sequence[str] = ("bmc", "bios", "nic")
) -> Iterator[Command]:
    """The firmware that the models should have, with its files."""
    for each in baselines([place.identity.model.name for place in places]):
        if each.component not in components:
            continue
        file = folder / f"{each.name}.bin"
        file.write_bytes(each.artefact)
        yield "firmware_add", *each.options(str(file))


def _written(file: Path, text: str) -> str:
    file.write_text(text, "utf-8")
    return str(file)
