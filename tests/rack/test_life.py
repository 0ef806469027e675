"""A virgin machine from its power button to an operating system, and through a power cut."""

from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest

from simulator.fault import INSTALLED, READY
from simulator.operator_view import OperatorView, state_name, status_name
from tests.rack import bmc, pictures
from tests.rack.flows import Flows
from tests.rack.layout import (
    ARTEFACTS,
    BMC_FIRST,
    BMC_LAST,
    INTERFACE,
    PRODUCT,
    SERVICE_VLAN,
    VENDOR,
)
from tests.rack.rack import Rack
from tests.rack.shell import run
from tests.rack.watch import Times

pytestmark = [pytest.mark.rack, pytest.mark.timeout(1500), pytest.mark.xdist_group("rack")]
MIB = 1024 * 1024
BEARMANS_SHARE = 10.0  # seconds of each way in which the machine waits for Bearman


@pytest.fixture(scope="module")
def flows(rack: Rack, operator: OperatorView) -> Iterator[Flows]:
    """A machine as it comes from its factory, cabled, off; pictures of the Admin stay of it."""
    yield Flows(rack, rack.add(), operator)
    pictures.take(rack, ARTEFACTS / "admin")


def test_a_machine_registers_itself_and_goes_off(flows: Flows) -> None:
    times = flows.register()
    print(f"\n{times}")
    assert times.waited < BEARMANS_SHARE
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


def test_it_is_deployed_from_the_admin(flows: Flows) -> None:
    node = flows.node
    assert node is not None
    assert status_name(node) == READY
    flows.deploy("rack-one")
    times = flows.follow()
    print(f"\n{times}")
    assert times.waited < BEARMANS_SHARE
    row = flows.row
    assert row is not None
    assert (row.hostname, row.vlan_id) == ("rack-one", SERVICE_VLAN)
    flows.wait_ping(row.service_address, seconds=60)
    assert flows.ssh(row.service_address, "hostname").strip() == "rack-one"
    links = flows.ssh(row.service_address, "ip -o address; ls /sys/class/net/vlan*")
    assert f"vlan{SERVICE_VLAN}    inet {row.service_address}" in links
    assert f"lower_{INTERFACE}" in links


def test_it_comes_back_after_a_power_cut(flows: Flows) -> None:
    row = flows.row
    assert row is not None
    times = Times("Power cut to the service address")
    bmc.ask(flows.slot, "chassis", "power", "off")
    flows.wait_off()
    assert not flows.pings(row.service_address)
    bmc.button(flows.slot)
    flows.wait_ping(row.service_address)
    times.mark("answers at its address")
    print(f"\n{times}")
    assert flows.ssh(row.service_address, "hostname").strip() == "rack-one"
    after = flows.row
    assert after is not None
    assert (state_name(after), after.service_address) == (INSTALLED, row.service_address)
