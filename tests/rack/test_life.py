"""A virgin machine from its power button to an operating system, and through a power cut."""

from collections.abc import Iterator

import pytest

from simulator.fault import READY
from simulator.operator_view import OperatorView, status_name
from tests.rack import pictures
from tests.rack.checks import comes_back, is_registered
from tests.rack.flows import Flows
from tests.rack.layout import ARTEFACTS, INTERFACE, SERVICE_VLAN
from tests.rack.rack import Rack

pytestmark = [pytest.mark.rack, pytest.mark.timeout(1500), pytest.mark.xdist_group("rack")]
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
    is_registered(flows)


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
    print(f"\n{comes_back(flows, 'rack-one')}")
