"""Machines that must stay lit, each with the right status, reason and advice, and told once."""

import json

import pytest

from protos.bearman.v1 import nodes_pb2
from simulator.fault import QUARANTINED, REGISTER_FAILED
from simulator.operator_view import OperatorView
from simulator.slack import Message, SlackStandIn
from tests.rack import bmc
from tests.rack.cables import Port
from tests.rack.flows import Flows
from tests.rack.layout import INTERFACE, Model
from tests.rack.rack import Rack
from tests.rack.watch import wait_for

pytestmark = [pytest.mark.rack, pytest.mark.timeout(1500), pytest.mark.xdist_group("rack")]
WRONG = Port("sw2", 7)
MACHINES = 3


@pytest.fixture(scope="module")
def misplaced(rack: Rack, operator: OperatorView) -> Flows:
    """A machine in a port of another switch than the list of cables says; its button is pressed."""
    slot = rack.add(port=WRONG)
    cables = rack.folder / "cables.csv"
    cables.write_text(f"serial,interface,switch,port\n{slot.serial},{INTERFACE},sw1,1\n")
    rack.server.command("cables_import", str(cables))
    bmc.button(slot)
    return Flows(rack, slot, operator)


@pytest.fixture(scope="module")
def deaf(rack: Rack, operator: OperatorView) -> Flows:
    """A machine whose BMC answers, and keeps nothing of what it is told; its button is pressed."""
    slot = rack.add()
    (slot.folder / "lan" / "deaf").touch()
    bmc.button(slot)
    return Flows(rack, slot, operator)


def test_a_machine_in_a_wrong_port_stays_lit_and_bearman_says_which(
    misplaced: Flows, deaf: Flows, slack: SlackStandIn
) -> None:
    node = stays_lit(misplaced, REGISTER_FAILED)
    assert node.step == "wiring"
    assert str(WRONG.number) in node.reason
    assert "sw2" in node.reason
    assert "sw1" in f"{node.reason} {node.advice}"
    told_once(slack, misplaced)


def test_a_machine_with_the_uuid_of_another_is_quarantined(
    rack: Rack, misplaced: Flows, operator: OperatorView, slack: SlackStandIn
) -> None:
    misplaced.wait_status(REGISTER_FAILED)
    twin = Flows(rack, rack.add(Model(uuid=misplaced.slot.uuid)), operator)
    bmc.button(twin.slot)
    node = stays_lit(twin, QUARANTINED)
    assert misplaced.slot.serial in node.reason
    assert not node.bmc_address
    told_once(slack, twin)


def test_a_machine_whose_bmc_does_not_take_its_address_stays_lit(
    deaf: Flows, slack: SlackStandIn
) -> None:
    node = stays_lit(deaf, REGISTER_FAILED)
    assert node.step == "bmc"
    assert "IP Address: wanted" in node.reason
    told_once(slack, deaf)
    assert len(list(slack.store)) == MACHINES  # and none again of the others meanwhile


def stays_lit(flows: Flows, status: str) -> nodes_pb2.NodeSummary:
    """Wait for a status, and for what the machine itself says: it is still lit then."""
    node = flows.wait_status(status)
    print(f"\nMachine {flows.slot.number} is {status} in step {node.step}: {node.reason}")
    print(f"   {node.advice}")
    assert node.reason
    assert node.advice
    flows.wait_said("THIS MACHINE NEEDS A LOOK")
    assert bmc.is_on(flows.slot)
    return node


def told_once(slack: SlackStandIn, flows: Flows) -> None:
    """Slack has one message of the machine, with its serial number and an address for SSH."""

    def messages() -> list[Message]:
        return [each for each in slack.store if flows.slot.serial in json.dumps(each.payload)]

    wait_for(flows.slot, "message in Slack", messages, 60)
    (message,) = messages()
    assert "ssh" in json.dumps(message.payload)
