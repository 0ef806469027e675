"""A virgin machine from its power button to an operating system, and through a power cut."""

import pytest

from protos.bearman.v1 import baremetal_pb2, nodes_pb2
from simulator.fault import INSTALLED, READY
from simulator.operator_view import OperatorView, status_name
from tests.rack import bmc
from tests.rack.admin import Admin
from tests.rack.layout import PRODUCT, VENDOR, Slot
from tests.rack.rack import PROFILE, Rack
from tests.rack.shell import RackError, inside, run
from tests.rack.watch import Times, console_text, wait_console, wait_for

pytestmark = [pytest.mark.rack, pytest.mark.timeout(1500), pytest.mark.xdist_group("rack")]
# Emulated, on computers that have other work as well: the product's own deadlines are shorter.
BOOT_SECONDS, STEP_SECONDS = 600, 300
FIRST_WORDS = "Loading, please wait"  # of Debian's initramfs


@pytest.fixture(scope="module")
def slot(rack: Rack) -> Slot:
    """A machine as it comes from its factory, cabled, off."""
    return rack.add()


def node_of(operator: OperatorView, slot: Slot) -> nodes_pb2.NodeSummary | None:
    """Return what Bearman says of the machine."""
    return next((n for n in operator.nodes().values() if n.uuid == slot.uuid), None)


def state_of(row: baremetal_pb2.Baremetal) -> str:
    """Return the state's name."""
    return baremetal_pb2.BaremetalState.Name(row.state).removeprefix("BAREMETAL_STATE_")


def test_a_machine_registers_itself_and_goes_off(
    rack: Rack, slot: Slot, operator: OperatorView
) -> None:
    times = Times("Power button to READY")
    bmc.button(slot)
    wait_console(slot, FIRST_WORDS, BOOT_SECONDS)
    times.mark("kernel of stage one")
    wait_console(slot, "running /run/bearman/register.sh", BOOT_SECONDS)
    times.mark("register.sh")
    node = wait_for(slot, "node", lambda: node_of(operator, slot), STEP_SECONDS)
    times.mark("known to Bearman")
    assert (node.vendor, node.product_name, node.serial) == (VENDOR, PRODUCT, slot.serial)

    def ready() -> bool:
        seen = node_of(operator, slot)
        return seen is not None and status_name(seen) == READY

    wait_for(slot, READY, ready, STEP_SECONDS)
    times.mark("BMC set through KCS and proven over the network: READY")
    wait_for(slot, "power-off", lambda: not bmc.is_on(slot), STEP_SECONDS)
    times.mark("off")
    print(f"\n{times}")
    found = node_of(operator, slot)
    assert found is not None
    address = found.bmc_address
    assert address in run("ip", "-n", slot.bmc_namespace, "address", "show", "lan")


def test_it_is_deployed_from_the_admin(rack: Rack, slot: Slot, operator: OperatorView) -> None:
    node = node_of(operator, slot)
    assert node is not None
    assert status_name(node) == READY
    times, before = Times("Deploy to INSTALLED"), len(console_text(slot))
    with Admin(rack.admin, rack.server.password) as admin:
        admin.deploy(node.id, PROFILE, hostname="rack-one")
    wait_for(slot, "power", lambda: bmc.is_on(slot), STEP_SECONDS)
    times.mark("power")
    wait_console(slot, FIRST_WORDS, BOOT_SECONDS, after=before)
    times.mark("kernel of stage one")
    wait_console(slot, "running /run/bearman/kexec.sh", BOOT_SECONDS, after=before)
    times.mark("kexec.sh")

    def kernels() -> bool:
        return console_text(slot)[before:].count(FIRST_WORDS) >= 2

    wait_for(slot, "second kernel", kernels, STEP_SECONDS)
    times.mark("kernel of stage two")

    def installed() -> baremetal_pb2.Baremetal | None:
        row = operator.baremetals().get(node.id)
        return row if row and state_of(row) == INSTALLED else None

    row = wait_for(slot, INSTALLED, installed, BOOT_SECONDS)
    times.mark("INSTALLED")
    print(f"\n{times}")
    assert row.hostname == "rack-one"
    wait_for(slot, "answer to ping", lambda: pings(rack, row.service_address), 60)


def test_it_comes_back_after_a_power_cut(rack: Rack, slot: Slot, operator: OperatorView) -> None:
    node = node_of(operator, slot)
    assert node is not None
    row = operator.baremetals()[node.id]
    times = Times("Power cut to the service address")
    bmc.ask(slot, "chassis", "power", "off")
    wait_for(slot, "power-off", lambda: not bmc.is_on(slot), 30)
    assert not pings(rack, row.service_address)
    bmc.button(slot)
    wait_for(slot, "answer", lambda: pings(rack, row.service_address), BOOT_SECONDS)
    times.mark("answers at its address")
    print(f"\n{times}")
    assert state_of(operator.baremetals()[node.id]) == INSTALLED


def pings(rack: Rack, address: str) -> bool:
    """Whether a system answers at its service address, over the service VLAN."""
    address = address.partition("/")[0]
    try:
        run(*inside(rack.layout.namespace, "ping", "-c", "1", "-W", "2", address))
    except RackError:
        return False
    return True
