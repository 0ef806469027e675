"""Plans and line-ups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.faults import FAULTS, parse_fault
from simulator.lineup import FleetPlan, line_up


def plan(nodes: int = 20, **faults: int) -> FleetPlan:
    named = {name.replace("_", "-"): count for name, count in faults.items()}
    return FleetPlan(nodes=nodes, url="http://127.0.0.1:1", bmc_port=1, faults=named)


def test_faults_are_spread_as_often_as_asked_for() -> None:
    places = line_up(plan(lost_bmc=2, hangs=3))
    names = [place.fault.name for place in places if place.fault]
    assert sorted(names) == ["hangs"] * 3 + ["lost-bmc"] * 2
    assert places == line_up(plan(lost_bmc=2, hangs=3))


def test_a_twin_has_the_uuid_of_a_healthy_machine_and_nothing_else_of_it() -> None:
    places = line_up(plan(duplicate_uuid=2, lost_bmc=5))
    twins = [place for place in places if place.twin is not None]
    assert len(twins) == 2
    for twin in twins:
        assert twin.twin is not None
        other = places[twin.twin]
        assert other.fault is None
        assert twin.identity.uuid == other.identity.uuid
        assert twin.identity.serial != other.identity.serial
        assert not {p.mac for p in twin.identity.ports} & {p.mac for p in other.identity.ports}


@given(st.sampled_from(sorted(FAULTS)))
def test_a_fault_never_changes_the_healthy_machines(name: str) -> None:
    honest, with_fault = line_up(plan(6)), line_up(plan(6, **{name: 1}))
    changed = sum(a != b for a, b in zip(honest, with_fault, strict=True))
    assert changed == (2 if FAULTS[name].paired else 1)


@pytest.mark.parametrize(
    ("nodes", "faults", "words"),
    [
        (0, {}, "one node at least"),
        (1, {"lost_bmc": 2}, "more than the 1 nodes"),
        (2, {"duplicate_uuid": 2}, "healthy machine"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(nodes: int, faults: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        plan(nodes, **faults)


def test_a_fault_is_asked_for_by_name_and_count() -> None:
    assert parse_fault("lost-bmc=3") == ("lost-bmc", 3)
    assert parse_fault("hangs") == ("hangs", 1)


@pytest.mark.parametrize("text", ["", "no-such=1", "hangs=", "hangs=-1", "hangs=x", "hangs=²"])
def test_a_fault_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"fault|count"):
        parse_fault(text)


def test_every_fault_says_what_it_is_and_how_it_ends() -> None:
    for name, fault in FAULTS.items():
        assert name == fault.name
        assert fault.about
        assert fault.expected.lit == (fault.expected.status != "READY")
