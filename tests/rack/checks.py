"""What is true of each machine that registered or came back, whatever its firmware."""

from ipaddress import IPv4Address

from simulator.fault import INSTALLED
from simulator.operator_view import state_name
from tests.rack import bmc
from tests.rack.flows import Flows
from tests.rack.layout import BMC_FIRST, BMC_LAST, INTERFACE, PRODUCT, VENDOR
from tests.rack.shell import run
from tests.rack.watch import Times

MIB = 1024 * 1024
ACCOUNT = "bearman"  # which Bearman makes on a BMC


def is_registered(flows: Flows) -> None:
    """Bearman knows what the machine is, and has given its BMC an address and an account."""
    slot, node = flows.slot, flows.node
    assert node is not None
    assert (node.vendor, node.product_name) == (VENDOR, PRODUCT)
    assert (node.serial, node.uuid) == (slot.serial, slot.uuid)
    found = flows.operator.node(node.id)
    assert [processor.model for processor in found.processors] == [slot.model.cpu]
    assert found.memory_bytes == slot.model.memory * MIB
    assert [(nic.name, nic.mac) for nic in found.interfaces] == [(INTERFACE, slot.mac)]
    assert IPv4Address(BMC_FIRST) <= IPv4Address(node.bmc_address) <= IPv4Address(BMC_LAST)
    shown = run("ip", "-n", slot.bmc_namespace, "address", "show", "lan")
    assert f"inet {node.bmc_address}/" in shown
    assert f" {ACCOUNT} " in bmc.ask(slot, "user", "list", "1")


def comes_back(flows: Flows, hostname: str) -> Times:
    """Cut the power and give it back: the same system comes up by itself, at its address."""
    row = flows.row
    assert row is not None
    times = Times("Power cut to the service address")
    bmc.ask(flows.slot, "chassis", "power", "off")
    flows.wait_off()
    assert not flows.pings(row.service_address)
    bmc.button(flows.slot)
    flows.wait_ping(row.service_address)
    times.mark("answers at its address")
    assert flows.ssh(row.service_address, "hostname").strip() == hostname
    after = flows.row
    assert after is not None
    assert (state_name(after), after.service_address) == (INSTALLED, row.service_address)
    return times
