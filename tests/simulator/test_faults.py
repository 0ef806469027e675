"""Whether faults name what the product has, and whether the lists for an operator are right."""

import csv
from pathlib import Path

import pytest

from bearman.lib.issues import CATALOGUE, Severity
from nodes.expected.csv_read import csv_read
from nodes.firmware import COMPARATORS
from nodes.wiring.names import same_port, same_switch
from simulator.fault import DARK_AND_READY, QUARANTINED, READY, REGISTER_FAILED, Fault, Needs
from simulator.faults import FAULTS
from simulator.lineup import FleetPlan, line_up
from simulator.lists import write_lists


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_the_codes_of_a_fault_are_in_the_catalogue(fault: Fault) -> None:
    assert {*fault.issues, *fault.deployed_issues} <= CATALOGUE.keys()
    if fault.expected.status == REGISTER_FAILED:
        assert fault.issues
        assert all(CATALOGUE[code].severity is Severity.ERROR for code in fault.issues)
    assert bool(fault.issues) == (fault.expected.status in (REGISTER_FAILED, QUARANTINED))


def test_what_bearman_was_not_given_it_cannot_find() -> None:
    swapped = FAULTS["swapped-pair"]
    assert swapped.if_given({Needs.PLAN}) is swapped
    blind = swapped.if_given(set())
    assert (blind.expected, blind.issues) == (DARK_AND_READY, ())
    assert FAULTS["lost-bmc"].if_given(set()).expected.status != READY


def plan(**faults: int) -> FleetPlan:
    named = {name.replace("_", "-"): count for name, count in faults.items()}
    return FleetPlan(nodes=30, url="", bmc_port=1, faults=named)


def test_neighbours_with_swapped_cables_are_in_each_others_ports() -> None:
    one, other = (p for p in line_up(plan(swapped_with_neighbour=1)) if p.fault)
    (first, *_), (second, *_) = one.cables.values(), other.cables.values()
    assert (first.switch.name, first.port) == (f"leaf-{other.stand.rack}a", other.stand.unit)
    assert (second.switch.name, second.port) == (f"leaf-{one.stand.rack}a", one.stand.unit)


def test_the_lists_say_how_machines_should_be_and_not_how_they_are(tmp_path: Path) -> None:
    places = line_up(plan(swapped_pair=1, dimm_missing=1, unexpected=1, wrong_model=1))
    commands = list(write_lists(places, tmp_path))
    reading = csv_read((tmp_path / "expected.csv").read_bytes())
    assert not reading.faults
    by_serial = {entry.serial: entry for entry in reading.entries.values()}
    for place in places:
        name = place.fault.name if place.fault else ""
        if name == "unexpected":
            assert place.identity.serial not in by_serial
            continue
        entry = by_serial[place.identity.serial]
        assert (entry.rack, entry.unit) == (place.stand.rack, place.stand.unit)
        assert (entry.model == place.identity.product) == (name != "wrong-model")
        assert str(place.identity.model.slots_populated) in str(entry.memory)
    with (tmp_path / "cables.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(places)
    assert all(row["switch"].startswith(f"leaf-{row['rack']}") for row in rows)
    assert all(same_port(row["unit"], row["port"]) for row in rows)
    assert same_switch(rows[0]["switch"], "leaf-r1a")
    assert {words[0] for words in commands} == {"expected_import", "cables_import", "firmware_add"}


def test_every_baseline_can_be_compared(tmp_path: Path) -> None:
    for words in write_lists(line_up(plan()), tmp_path):
        if words[0] != "firmware_add":
            continue
        (wanted,) = (word for word in words if word.startswith("--wanted="))
        form = COMPARATORS[words[words.index("--comparator") + 1]]
        assert form.parse(wanted.removeprefix("--wanted=")) is not None
