"""Random histories of machines whose parts move, and of what operators decide about them.

Whatever happens, no machine overwrites or inherits the row, the address or the credential of
another, and a machine whose board stays keeps its row.
"""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bearman.lib.errors import Conflict, Denied
from nodes.models import Bmc, NetworkInterface, Node
from nodes.services.boot import boot_ask, boot_caller
from nodes.services.desk import node_merge, node_own, node_reject, node_undecide
from nodes.services.inventory import RawOutputs
from nodes.services.lifecycle import node_retire
from nodes.services.registration import node_register
from nodes.states import NOT_OWNERS, Decision, NodeStatus
from nodes.uuids import is_known_bad_uuid
from tests.nodes.desk_rig import BAD, CLONED, SOURCE, site
from tests.samples import Machine

__all__ = ["site"]
ZEROS = "00000000-0000-0000-0000-000000000000"
NO_SERIAL = "Default string"
WHICH = st.integers(0, 7)
COLUMNS = ("pk", "status", "uuid", "board_serial", "serial", "decision", "deadline", "reason")


def machines() -> list[Machine]:
    """Unique ones, clones, sleds that share UUID and serial, and some with a known bad UUID."""
    sled = {"uuid": Machine(500).uuid, "serial": "CHASSIS1"}
    made = [
        *(Machine(1), Machine(2, uuid=CLONED), Machine(3, uuid=CLONED)),
        *(Machine(4, **sled), Machine(5, **sled), Machine(6, **sled)),  # type: ignore[arg-type]
        *(Machine(7, uuid=BAD), Machine(8, uuid=BAD)),
    ]
    made[2].board_serial = NO_SERIAL
    return made


class History(RuleBasedStateMachine):
    """Each row belongs to the machine that was first given it."""

    def __init__(self) -> None:
        super().__init__()
        self.start = transaction.savepoint()  # events cannot be deleted
        self.machines = machines()
        self.belongs: dict[int, int] = {}
        self.spares = 0

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.start)

    @rule(which=WHICH, port=st.integers(0, 1))
    def register(self, which: int, port: int) -> None:
        machine = self.machines[which]
        token = boot_ask(uuid=machine.uuid, source=SOURCE, mac=machine.macs[port]).token
        if token is None:
            return  # its row, or the one that has its UUID, is retired
        caller = boot_caller(token=token, uuid=machine.uuid, source=SOURCE)
        raw = RawOutputs(machine.dmidecode(), machine.lsblk(), machine.ip_link(), {})
        before, expected = self.seen(), self.home(which)
        try:
            node = node_register(caller=caller, raw=raw, address=SOURCE, source=SOURCE).node
        except (Conflict, Denied) as error:
            if "RETIRED" not in str(error):
                raise
            return
        assert self.belongs.setdefault(node.pk, which) == which, "it was given another's row"
        after = self.seen()
        changed = {pk for pk in before if before[pk] != after[pk]} - {node.pk}
        assert not changed, "it changed another's row"
        if expected:
            assert node.pk in expected, "it was not given its own row"
        elif node.pk in before:
            assert machine.board_serial == NO_SERIAL, "another board, and yet its row"

    def home(self, which: int) -> set[int]:
        """The rows, one of which must be the machine's: those with its board that are no history.

        Live ones under its UUID go first; without a serial on the board there is no such promise.
        """
        machine = self.machines[which]
        rows = Node.objects.filter(
            pk__in=[pk for pk, owner in self.belongs.items() if owner == which],
            board_serial=machine.board_serial,
        ).exclude(decision=Decision.MERGED)
        bad = is_known_bad_uuid(machine.uuid)
        live = {
            row.pk
            for row in rows.exclude(status__in=NOT_OWNERS)
            if row.decision == Decision.OWN or (str(row.uuid) == machine.uuid and not bad)
        }
        latent = rows.filter(status=NodeStatus.QUARANTINED)
        rejected = rows.filter(status=NodeStatus.RETIRED, decision=Decision.REJECTED)
        return live or {row.pk for row in latent} or {row.pk for row in rejected}

    def seen(self) -> dict[int, dict[str, Any]]:
        """All rows with their interfaces and BMCs, as far as no other machine may change them."""
        found = {row["pk"]: dict(row) for row in Node.objects.values(*COLUMNS)}
        for row in found.values():
            row["macs"] = set()
        for pk, mac in NetworkInterface.objects.values_list("node", "mac"):
            found[pk]["macs"].add(mac)
        for bmc in Bmc.objects.values("node", "address", "password", "pending_password"):
            secrets = bytes(bmc["password"] or b""), bytes(bmc["pending_password"] or b"")
            found[bmc["node"]]["bmc"] = bmc["address"], secrets
        return found

    @rule(one=WHICH, two=WHICH, count=st.integers(1, 2))
    def swap_interfaces(self, one: int, two: int, count: int) -> None:
        ours, theirs = self.machines[one].macs, self.machines[two].macs
        ours[:count], theirs[:count] = theirs[:count], ours[:count]

    @rule(one=WHICH, two=WHICH, count=st.integers(1, 4))
    def swap_memory(self, one: int, two: int, count: int) -> None:
        ours, theirs = self.machines[one].memory, self.machines[two].memory
        ours[:count], theirs[:count] = theirs[:count], ours[:count]

    @rule(which=WHICH)
    def new_interface(self, which: int) -> None:
        self.spares += 1
        self.machines[which].macs[0] = f"0c:42:a1:00:{self.spares >> 8:02x}:{self.spares & 255:02x}"

    @rule(which=WHICH)
    def new_memory(self, which: int) -> None:
        self.spares += 1
        self.machines[which].memory = [f"SPARE{self.spares}-{slot}" for slot in range(4)]

    @rule(which=WHICH)
    def new_board(self, which: int) -> None:
        assume(self.machines[which].board_serial != NO_SERIAL)
        self.spares += 1
        self.machines[which].board_serial = f"BOARD{self.spares}"

    @rule(which=WHICH, other=WHICH, uuid=st.sampled_from(["own", "bad", "zeros", "another's"]))
    def new_uuid(self, which: int, other: int, uuid: str) -> None:
        known = {"own": Machine(700 + which).uuid, "bad": BAD, "zeros": ZEROS}
        self.machines[which].uuid = known.get(uuid, self.machines[other].uuid)

    @rule(which=WHICH, choice=st.sampled_from(["own", "reject", "merge"]))
    def decide(self, which: int, choice: str) -> None:
        mine = [pk for pk, owner in self.belongs.items() if owner == which]
        row = Node.objects.filter(pk__in=mine, status=NodeStatus.QUARANTINED).first()
        live = Node.objects.filter(pk__in=mine).exclude(status__in=NOT_OWNERS).first()
        if row is None:
            return
        try:
            if choice == "merge" and live is not None:
                address = Bmc.objects.filter(node=live).values_list("address", flat=True).first()
                node_merge(node=row, into=live, actor="olga")
                kept = Bmc.objects.filter(node=live).values_list("address", flat=True).first()
                assert kept == address
            elif choice == "own" and live is None:
                node_own(node=row, actor="olga")
            elif choice == "reject":
                node_reject(node=row, actor="olga")
        except Conflict as error:
            if "nothing could tell the two apart" not in str(error):
                raise

    @rule(which=WHICH)
    def take_back(self, which: int) -> None:
        mine = [pk for pk, owner in self.belongs.items() if owner == which]
        row = Node.objects.filter(pk__in=mine).exclude(decision="").last()
        if row is not None:
            try:
                node_undecide(node=row, actor="olga")
            except Conflict:
                assert row.decision != Decision.REJECTED or row.status != NodeStatus.RETIRED

    @rule(which=WHICH)
    def retire(self, which: int) -> None:
        mine = [pk for pk, owner in self.belongs.items() if owner == which]
        row = Node.objects.filter(pk__in=mine).exclude(status__in=NOT_OWNERS).first()
        if row is not None:
            node_retire(node=row, actor="olga")

    @invariant()
    def each_live_node_is_given_stage_one_as_itself(self) -> None:
        rows = Node.objects.exclude(status__in=NOT_OWNERS).exclude(uuid=None)
        for row in rows.prefetch_related("interfaces"):
            for port in row.interfaces.all()[:1]:
                same = NetworkInterface.objects.filter(mac=port.mac, node__uuid=row.uuid)
                if same.exclude(node__status__in=NOT_OWNERS).count() == 1:
                    grant = boot_ask(uuid=str(row.uuid), source=SOURCE, mac=port.mac)
                    assert (grant.node_id, grant.unclear) == (row.pk, False)

    @invariant()
    def no_address_and_no_credential_is_given_in_quarantine(self) -> None:
        assert not Bmc.objects.filter(node__status=NodeStatus.QUARANTINED).exists()


@pytest.mark.usefixtures("site")
def test_no_machine_ever_inherits_the_row_of_another_and_the_same_one_keeps_its_own() -> None:
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
