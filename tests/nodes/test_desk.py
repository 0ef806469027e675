"""The decisions of the identity desk, and what follows from them."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from bearman.lib.errors import Conflict, NotFound, Unconfirmed
from nodes.models import Bmc, NetworkInterface, Node, NodeEvent
from nodes.selectors import node_find
from nodes.services.boot import boot_ask
from nodes.services.desk import may_undecide, node_merge, node_own, node_reject, node_undecide
from nodes.services.lifecycle import node_maintain, node_restore, node_retire, node_return
from nodes.states import Decision, NodeStatus
from tests.nodes.desk_rig import BAD, CLONED, SOURCE, now, registered, site, status_of
from tests.samples import Machine

__all__ = ["site"]
pytestmark = pytest.mark.usefixtures("site")


def clones() -> tuple[Machine, Machine]:
    """Two machines with one UUID."""
    return Machine(1, uuid=CLONED), Machine(2, uuid=CLONED)


def events(node: Node) -> str:
    """Its time line as one text."""
    return "\n".join(NodeEvent.objects.filter(node=node).values_list("message", flat=True))


def test_both_twins_register_once_the_second_has_its_own_identity() -> None:
    one, two = clones()
    owner, newcomer = registered(one), registered(two)
    node_own(node=newcomer, actor="olga", note="Vendor cloned it.")
    assert status_of(newcomer) is NodeStatus.REGISTER_FAILED
    assert "says olga. Vendor cloned it." in now(newcomer).reason
    for _ in range(2):
        assert registered(two).pk == newcomer.pk
        assert registered(one).pk == owner.pk
    assert status_of(owner) is status_of(newcomer) is NodeStatus.REGISTERING
    addresses = set(Bmc.objects.values_list("address", flat=True))
    assert len(addresses) == 2
    assert NodeEvent.objects.filter(node=newcomer, actor="olga", issue="ID-011").exists()


@pytest.mark.issue("ID-011")
def test_a_decision_is_an_issue_that_says_to_boot_it_again() -> None:
    one, two = clones()
    registered(one)
    newcomer = registered(two)
    node_own(node=newcomer, actor="olga")
    assert now(newcomer).issue == "ID-011"
    assert "off and on" in now(newcomer).advice


def test_a_third_machine_with_the_uuid_is_quarantined_however_many_twins_there_are() -> None:
    one, two = clones()
    owner, newcomer = registered(one), registered(two)
    node_own(node=newcomer, actor="olga")
    third = registered(Machine(3, uuid=CLONED))
    assert third.pk not in (owner.pk, newcomer.pk)
    assert third.status == NodeStatus.QUARANTINED
    node_retire(node=owner, actor="olga")
    again = registered(Machine(3, uuid=CLONED))
    assert (again.pk, again.status) == (third.pk, NodeStatus.QUARANTINED)
    assert again.clashes_with == newcomer, "the twin has the UUID too"


def test_the_one_with_its_own_identity_keeps_its_row_when_interfaces_and_memory_change() -> None:
    one, two = clones()
    registered(one)
    newcomer = registered(two)
    node_own(node=newcomer, actor="olga")
    two.macs = [two.macs[0], "0c:42:a1:00:00:01"]
    assert registered(two).pk == newcomer.pk
    two.macs = ["0c:42:a1:00:00:02", "0c:42:a1:00:00:03"]
    two.memory = [f"NEW{number}" for number in range(4)]
    assert registered(two).pk == newcomer.pk


def test_machines_with_a_known_bad_uuid_get_their_own_identity_one_by_one() -> None:
    machines = [Machine(number, uuid=BAD) for number in range(1, 5)]
    rows = [registered(machine) for machine in machines]
    for row in rows[:3]:
        node_own(node=row, actor="olga")
    assert [registered(machine).pk for machine in machines] == [row.pk for row in rows]
    statuses = [status_of(row) for row in rows]
    assert statuses == 3 * [NodeStatus.REGISTERING] + [NodeStatus.QUARANTINED]
    assert registered(Machine(5, uuid=BAD)).status == NodeStatus.QUARANTINED


def test_a_machine_without_a_uuid_is_asked_for_by_the_one_it_boots_with() -> None:
    machine = Machine(1, uuid="ffffffff-ffff-ffff-ffff-ffffffffffff")
    text = machine.dmidecode().decode().replace(machine.uuid, "Not Present")
    machine.dmidecode = text.encode  # type: ignore[method-assign]
    row = registered(machine)
    assert (row.uuid, row.issue) == (None, "ID-001")
    node_own(node=row, actor="olga")
    again = registered(machine)
    assert (again.pk, str(again.uuid)) == (row.pk, machine.uuid)
    grant = boot_ask(uuid=machine.uuid, source=SOURCE, mac=machine.macs[0])
    assert grant.node_id == row.pk


def test_a_machine_without_interfaces_cannot_have_its_own_identity() -> None:
    one, two = clones()
    registered(one)
    newcomer = registered(two)
    NetworkInterface.objects.filter(node=newcomer).delete()
    with pytest.raises(Conflict, match="no network interface"):
        node_own(node=newcomer, actor="olga")
    assert status_of(newcomer) is NodeStatus.QUARANTINED


def test_a_machine_with_the_board_of_a_node_has_no_own_identity_whatever_its_interfaces() -> None:
    machine = Machine(1)
    old = registered(machine)
    machine.uuid, machine.macs = Machine(77).uuid, Machine(77).macs
    newcomer = registered(machine)
    assert newcomer.status == NodeStatus.QUARANTINED
    with pytest.raises(Conflict, match=f"parts of node {old.pk} .* nothing could tell the two"):
        node_own(node=newcomer, actor="olga")
    assert status_of(newcomer) is NodeStatus.QUARANTINED
    node_retire(node=old, actor="olga")
    node_own(node=newcomer, actor="olga")
    assert registered(machine).pk == newcomer.pk


def test_sleds_without_board_serials_are_told_apart_after_they_exchanged_an_interface() -> None:
    one, two = clones()
    for sled in (one, two):
        sled.board_serial, sled.serial = "", "CHASSIS1"
    owner, newcomer = registered(one), registered(two)
    assert newcomer.status == NodeStatus.QUARANTINED
    one.macs[1], two.macs[1] = two.macs[1], one.macs[1]
    assert registered(one).pk == owner.pk
    with pytest.raises(Conflict, match="nothing could tell"):  # by what it had before
        node_own(node=newcomer, actor="olga")
    assert registered(two).pk == newcomer.pk
    node_own(node=newcomer, actor="olga")
    assert registered(two).pk == newcomer.pk
    assert registered(one).pk == owner.pk


@pytest.mark.issue("ID-008")
def test_a_machine_whose_uuid_has_changed_is_quarantined_and_merged_into_its_node() -> None:
    machine = Machine(1)
    old = registered(machine)
    address = old.bmc.address
    machine.uuid = Machine(77).uuid
    newcomer = registered(machine)
    assert (newcomer.status, newcomer.issue) == (NodeStatus.QUARANTINED, "ID-008")
    assert newcomer.clashes_with == old
    assert f"parts of node {old.pk}" in newcomer.reason
    with pytest.raises(Conflict, match="nothing could tell the two apart"):
        node_own(node=newcomer, actor="olga")
    node_merge(node=newcomer, into=old, actor="olga")
    assert str(now(old).uuid) == machine.uuid
    assert registered(machine).pk == old.pk
    assert now(old).bmc.address == address
    assert now(old).decision == "", "nobody shares its UUID"


def test_a_machine_with_another_board_is_merged_into_its_node_which_registers_anew() -> None:
    machine = Machine(1)
    old = registered(machine)
    Node.objects.update(proven_at=timezone.now(), status=NodeStatus.READY, deadline=None)
    before = now(old).bmc.address
    machine.board_serial, machine.macs = "SPARE1", ["b0:7b:25:ff:00:00", "b0:7b:25:ff:00:01"]
    newcomer = registered(machine)
    assert newcomer.status == NodeStatus.QUARANTINED
    node_merge(node=newcomer, into=old, actor="olga", note="Board swapped, ticket 7.")
    kept = now(old)
    assert (kept.status, kept.issue, kept.proven_at) == ("REGISTER_FAILED", "ID-011", None)
    assert kept.board_serial == "SPARE1"
    assert {nic.mac for nic in kept.interfaces.all()} == set(machine.macs)
    assert kept.bmc.address == before
    gone = now(newcomer)
    assert (gone.status, gone.decision, gone.same_as) == ("RETIRED", Decision.MERGED, old)
    assert gone.board_serial == "BS000001", "the history shows what the node was before"
    assert bytes(kept.raw_inventory.dmidecode) == machine.dmidecode()
    assert "Board swapped, ticket 7." in events(old)
    assert "Board swapped, ticket 7." in events(newcomer)
    assert registered(machine).pk == old.pk
    assert status_of(old) is NodeStatus.REGISTERING


def test_a_machine_in_use_is_merged_only_if_that_is_meant_and_is_not_disturbed() -> None:
    machine = Machine(1)
    old = registered(machine)
    machine.board_serial = "SPARE1"
    newcomer = registered(machine)
    Node.objects.filter(pk=old.pk).update(status=NodeStatus.IN_USE, deadline=None)
    with pytest.raises(Unconfirmed, match="is in use"):
        node_merge(node=newcomer, into=old, actor="olga")
    assert status_of(newcomer) is NodeStatus.QUARANTINED
    node_merge(node=newcomer, into=old, actor="olga", confirmed=True)
    assert status_of(old) is NodeStatus.IN_USE
    assert now(old).board_serial == "SPARE1"


def test_a_node_in_maintenance_stays_there_and_registers_when_it_is_put_back() -> None:
    machine = Machine(1)
    old = registered(machine)
    Node.objects.update(proven_at=timezone.now())
    node_maintain(node=old, actor="olga")
    machine.board_serial = "SPARE1"
    newcomer = now(quarantined(machine))
    node_merge(node=newcomer, into=old, actor="olga")
    assert status_of(old) is NodeStatus.MAINTENANCE
    assert node_return(node=now(old), actor="olga") is NodeStatus.REGISTER_FAILED


def quarantined(machine: Machine) -> Node:
    """A row of a machine as its registration would leave it in quarantine."""
    row = Node.objects.create(
        uuid=machine.uuid, status=NodeStatus.QUARANTINED, board_serial=machine.board_serial
    )
    NetworkInterface.objects.create(node=row, name="eno1", mac=machine.macs[0])
    return row


def test_a_machine_with_a_bad_uuid_that_is_merged_is_known_by_its_parts_from_then_on() -> None:
    machine = Machine(1)
    old = registered(machine)
    machine.uuid = BAD
    newcomer = registered(machine)
    assert newcomer.status == NodeStatus.QUARANTINED
    assert newcomer.clashes_with == old, "its parts are that node's"
    node_merge(node=newcomer, into=old, actor="olga")
    assert now(old).decision == Decision.OWN
    assert registered(machine).pk == old.pk
    assert registered(Machine(2, uuid=BAD)).pk != old.pk


def test_a_merge_is_taken_back_until_the_machine_is_heard_of() -> None:
    machine = Machine(1)
    old = registered(machine)
    first = machine.macs
    machine.board_serial, machine.macs = "SPARE1", ["b0:7b:25:ff:00:00"]
    newcomer = registered(machine)
    node_merge(node=newcomer, into=old, actor="olga")
    assert may_undecide(now(newcomer))
    node_undecide(node=newcomer, actor="olga", note="The wrong one.")
    assert status_of(newcomer) is NodeStatus.QUARANTINED
    assert {nic.mac for nic in now(old).interfaces.all()} == set(first)
    assert now(old).board_serial == "BS000001"
    assert (now(newcomer).decision, now(newcomer).same_as) == ("", None)
    assert "belongs to node" in now(newcomer).reason, "why it was quarantined stands there again"
    node_merge(node=now(newcomer), into=old, actor="olga")
    registered(machine)
    with pytest.raises(Conflict, match="heard of since the merge"):
        node_undecide(node=newcomer, actor="olga")


@pytest.mark.parametrize("status", [NodeStatus.RETIRED, NodeStatus.QUARANTINED])
def test_nothing_is_merged_into_a_row_that_is_no_machine_now(status: NodeStatus) -> None:
    one, two = clones()
    owner, newcomer = registered(one), registered(two)
    other = Node.objects.create(uuid=Machine(5).uuid, status=status)
    with pytest.raises(Conflict, match=f"which is {status}"):
        node_merge(node=newcomer, into=other, actor="olga")
    with pytest.raises(Conflict, match=r"cannot be merged|not in quarantine"):
        node_merge(node=owner, into=newcomer, actor="olga")
    with pytest.raises(Conflict):
        node_merge(node=newcomer, into=newcomer, actor="olga")
    with pytest.raises(NotFound):
        node_merge(node=newcomer, into=Node(pk=987654), actor="olga")


@pytest.mark.issue("ID-009")
def test_a_rejected_machine_is_quarantined_again_with_a_reference_to_the_decision() -> None:
    one, two = clones()
    registered(one)
    newcomer = registered(two)
    node_reject(node=newcomer, actor="olga", note="Not ours.")
    assert status_of(newcomer) is NodeStatus.RETIRED
    for _ in range(2):
        again = registered(two)
        assert again.pk == newcomer.pk
        assert (again.status, again.issue) == (NodeStatus.QUARANTINED, "ID-009")
        assert "Rejected, says olga. Not ours." in again.reason
    assert not Bmc.objects.filter(node=newcomer).exists()


def test_a_rejected_machine_is_not_taken_when_its_uuid_is_free_or_mended() -> None:
    one, two = clones()
    owner, newcomer = registered(one), registered(two)
    node_reject(node=newcomer, actor="olga")
    node_retire(node=owner, actor="olga")
    Node.objects.filter(pk=owner.pk).update(uuid=Machine(50).uuid)
    again = registered(two)
    assert (again.pk, again.issue) == (newcomer.pk, "ID-009")
    two.uuid = Machine(51).uuid
    again = registered(two)
    assert (again.pk, again.issue) == (newcomer.pk, "ID-009")


def test_a_quarantined_machine_that_gets_a_unique_uuid_registers_in_its_own_row() -> None:
    one, two = clones()
    registered(one)
    newcomer = registered(two)
    two.uuid = Machine(2).uuid
    again = registered(two)
    assert (again.pk, again.status) == (newcomer.pk, NodeStatus.REGISTERING)
    assert str(again.uuid) == two.uuid


def test_rejecting_one_of_a_batch_does_not_keep_the_others_from_booting() -> None:
    one = registered(Machine(1, uuid=BAD))
    node_reject(node=one, actor="olga")
    assert registered(Machine(2, uuid=BAD)).status == NodeStatus.QUARANTINED


def test_a_rejection_and_an_own_identity_can_be_taken_back() -> None:
    one, two = clones()
    registered(one)
    newcomer = registered(two)
    why = newcomer.reason
    for decide in (node_reject, node_own):
        decide(node=now(newcomer), actor="olga")
        node_undecide(node=newcomer, actor="olga")
        row = now(newcomer)
        assert (row.status, row.decision, row.issue) == ("QUARANTINED", "", "ID-003")
        assert row.reason == why
    node_own(node=now(newcomer), actor="olga")
    registered(two)
    with pytest.raises(Conflict, match="registered since"):
        node_undecide(node=newcomer, actor="olga")


def test_retiring_a_quarantined_machine_is_rejecting_it() -> None:
    one, two = clones()
    registered(one)
    newcomer = registered(two)
    node_retire(node=newcomer, actor="olga", note="Scrap.")
    assert now(newcomer).decision == Decision.REJECTED
    with pytest.raises(Conflict, match="was rejected at the identity desk"):
        node_restore(node=now(newcomer), actor="olga")


def test_nothing_is_decided_about_a_machine_that_is_not_in_quarantine() -> None:
    node = registered(Machine(1))
    for decide in (node_own, node_reject):
        with pytest.raises(Conflict, match="not in quarantine"):
            decide(node=node, actor="olga")
    with pytest.raises(Conflict, match="no decision to take back"):
        node_undecide(node=node, actor="olga")


def test_the_database_itself_refuses_a_second_owner_of_a_uuid() -> None:
    one, two = clones()
    registered(one)
    newcomer = registered(two)
    with pytest.raises(IntegrityError), transaction.atomic():
        Node.objects.filter(pk=newcomer.pk).update(status=NodeStatus.REGISTER_FAILED)


def test_a_merged_machine_is_found_by_its_interface_though_its_history_has_it_too() -> None:
    machine = Machine(1)
    old = registered(machine)
    machine.board_serial = "SPARE1"
    node_merge(node=registered(machine), into=old, actor="olga")
    assert node_find(name=machine.macs[0]) == old


def test_who_asks_without_its_interface_is_told_that_it_is_unclear_who_it_is() -> None:
    one, two = clones()
    owner, newcomer = registered(one), registered(two)
    node_own(node=newcomer, actor="olga")
    assert boot_ask(uuid=CLONED, source=SOURCE).unclear
    assert boot_ask(uuid=CLONED, source=SOURCE, mac=one.macs[1]).node_id == owner.pk
    assert boot_ask(uuid=CLONED, source=SOURCE, mac=two.macs[1]).node_id == newcomer.pk
    unknown = boot_ask(uuid=CLONED, source=SOURCE, mac="0c:42:a1:00:00:07")
    assert (unknown.node_id, bool(unknown.token)) == (None, True)
