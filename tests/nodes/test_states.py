"""The table of statuses."""

from pathlib import Path

import pytest

from baremetal.services.status import LIMITS
from baremetal.states_doc import part
from nodes.states import (
    MAY_REGISTER,
    MEANINGS,
    TRANSITIONS,
    NodeStatus,
    may_move,
    sources_of,
)
from nodes.states_doc import page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_states_is_what_the_table_says() -> None:
    assert (ROOT / "docs" / "states.md").read_text() == page() + part(LIMITS), "run `make states`"


def test_every_status_has_a_meaning_and_can_be_reached() -> None:
    assert set(MEANINGS) == set(NodeStatus)
    assert {change.target for change in TRANSITIONS} == set(NodeStatus)


def test_no_status_is_a_dead_end() -> None:
    assert {change.source for change in TRANSITIONS} - {None} == set(NodeStatus)


def test_no_change_is_in_the_table_twice() -> None:
    pairs = [(change.source, change.target) for change in TRANSITIONS]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (NodeStatus.QUARANTINED, NodeStatus.READY),
        (NodeStatus.RETIRED, NodeStatus.READY),
        (NodeStatus.IN_USE, NodeStatus.REGISTERING),
        (NodeStatus.REGISTER_FAILED, NodeStatus.READY),
        (None, NodeStatus.READY),
    ],
)
def test_nothing_gets_around_its_proof(source: NodeStatus | None, target: NodeStatus) -> None:
    assert not may_move(source, target)


def test_a_machine_registers_from_the_statuses_that_lead_to_registering() -> None:
    assert {
        NodeStatus.REGISTERING,
        NodeStatus.READY,
        NodeStatus.REGISTER_FAILED,
        NodeStatus.QUARANTINED,
    } == MAY_REGISTER
    assert NodeStatus.REGISTERING not in sources_of(NodeStatus.REGISTERING)
