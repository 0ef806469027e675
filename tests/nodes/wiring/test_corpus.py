"""The fault corpus: no false pass and no false alarm."""

import random
from itertools import islice

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bearman.lib.issues import Severity
from nodes.models import Finding, LinkState, Node
from nodes.states import NodeStatus
from tests.nodes.wiring import corpus
from tests.nodes.wiring.fabric import machine_at, machines
from tests.nodes.wiring.faults import ALONE, ON_MORE, ON_ONE
from tests.nodes.wiring.outputs import raw_wiring
from tests.nodes.wiring.rig import checked, codes, node_made, plan_made, sent


def test_thousands_of_machines_with_every_fault_give_no_false_pass_and_no_false_alarm(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tally = corpus.run()
    with capsys.disabled():
        print(f"\n{tally}")
    assert not tally.missed[:3]
    assert not tally.false_alarms[:3]
    assert tally.sound == 1000
    assert set(tally.tried) == {fault.name for fault in (*ON_ONE, *ON_MORE, *ALONE)}
    assert tally.tried.total() == tally.caught.total() > 8000


@pytest.mark.django_db
@pytest.mark.issue(*sorted({fault.code for fault in (*ON_ONE, *ON_MORE, *ALONE)}))
def test_hundreds_of_them_through_the_service_end_or_pass_as_their_findings_say(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan_made()
    rng, tally = random.Random(7), corpus.Tally()
    for machine in machines(rng, racks=5, units=24):
        node = node_made(machine)
        verdict = checked(node, machine)
        assert verdict.passed, verdict.reason
        tally.note([], verdict.found)
    hurt = [*corpus.hurt_alone(rng), *islice(corpus.hurt_together(rng), 200)]
    for machine, expected in [*rng.sample(hurt, 320), *corpus.each_once(rng)]:
        _leave(machine.rack, machine.unit)
        node = node_made(machine)
        verdict = checked(node, machine)
        tally.note(expected, verdict.found)
        must_stop = any(each.issue.severity is Severity.ERROR for each in verdict.found)
        node.refresh_from_db()
        assert verdict.passed != must_stop
        assert (node.status == NodeStatus.REGISTER_FAILED) is must_stop
        assert sorted(codes(verdict)) == sorted(
            Finding.objects.filter(node=node).values_list("issue", flat=True)
        )
    with capsys.disabled():
        print(f"\nThrough the service: {tally}")
    assert not tally.missed[:3]
    assert not tally.false_alarms[:3]


def _leave(rack: str, unit: int) -> None:
    """Take whoever is at this place away, so that another machine can stand there."""
    LinkState.objects.filter(node__rack=rack, node__unit=unit).delete()
    Node.objects.filter(rack=rack, unit=unit).update(rack="", unit=None)


@pytest.mark.django_db
@pytest.mark.issue("WIRE-005")
def test_pairs_swapped_across_machines_name_each_other() -> None:
    plan_made()
    fleet = list(machines(random.Random(5), racks=6, units=20))
    nodes = {(m.rack, m.unit): node_made(m) for m in fleet}
    pairs = list(zip(fleet[::2], fleet[1::2], strict=True))
    for one, other in pairs:
        a, b = one.wires["eno1"], other.wires["eno1"]
        a.port, b.port = b.port, a.port
        first = checked(nodes[one.rack, one.unit], one)
        second = checked(nodes[other.rack, other.unit], other)
        assert codes(first) == ["WIRE-003"], first.reason
        assert codes(second) == ["WIRE-005"], second.reason
        name = f"node {nodes[other.rack, other.unit].pk} (rack {other.rack}, unit {other.unit})"
        assert f"{name} eno1" in first.found[0].message
        assert f"If {name} eno1 is on" in first.advice
        peer = f"node {nodes[one.rack, one.unit].pk} (rack {one.rack}, unit {one.unit}) eno1"
        assert f"Swap with {peer}" in second.advice
        again = checked(nodes[one.rack, one.unit], one)
        assert codes(again) == ["WIRE-005"], again.reason
    for one, other in pairs:  # put right
        a, b = one.wires["eno1"], other.wires["eno1"]
        a.port, b.port = b.port, a.port
    assert all(checked(nodes[m.rack, m.unit], m).passed for m in fleet)
    assert not Finding.objects.exists()


@pytest.mark.django_db
def test_the_number_of_queries_is_the_same_in_a_large_fleet() -> None:
    plan_made()
    counts = []
    for racks in (1, 8):
        fleet = [
            machine_at(f"q{racks}x{r}", u, "swp{}", "dac")
            for r in range(racks)
            for u in range(1, 21)
        ]
        nodes = [node_made(machine) for machine in fleet]
        for node, machine in zip(nodes, fleet, strict=True):
            checked(node, machine)
        a, b = fleet[0].wires["eno1"], fleet[1].wires["eno1"]
        a.port, b.port = b.port, a.port
        checked(nodes[1], fleet[1])
        raw = raw_wiring(fleet[0], random.Random(1))
        Node.objects.filter(pk=nodes[0].pk).update(status="REGISTERING")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            sent(nodes[0], raw)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 40
