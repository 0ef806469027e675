"""The server is killed while one machine is in stage one and another in its kexec."""

import pytest

from simulator.fault import INSTALLED, READY
from simulator.operator_view import OperatorView, status_name
from tests.rack import bmc
from tests.rack.flows import REGISTER, Flows
from tests.rack.rack import Rack
from tests.rack.watch import Times

pytestmark = [pytest.mark.rack, pytest.mark.timeout(1800), pytest.mark.xdist_group("rack")]


def test_a_server_that_is_killed_goes_on_with_both_when_it_is_started_again(
    rack: Rack, operator: OperatorView
) -> None:
    deployed = Flows(rack, rack.add(), operator)
    deployed.register()
    new = Flows(rack, rack.add(), operator)
    before = deployed.said()
    deployed.deploy("rack-crash")
    bmc.button(new.slot)
    new.wait_said(REGISTER)
    deployed.wait_jump()
    node = new.node
    assert bmc.is_on(new.slot)
    assert node is None or status_name(node) != READY
    times = Times("Killed between kexec and installed, and in stage one")
    rack.server.kill()
    deployed.wait_said("the download broke off", before)
    times.mark("its system has noticed")
    rack.server.start()
    times.mark("Bearman is back")
    row = deployed.wait_state(INSTALLED)
    times.mark(INSTALLED)
    new.wait_status(READY)
    new.wait_off()
    times.mark("the other is READY, and off")
    print(f"\n{times}")
    deployed.wait_ping(row.service_address, seconds=60)
    assert row.attempt == 1
