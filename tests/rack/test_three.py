"""Three machines whose buttons are pressed in one go."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from simulator.operator_view import OperatorView
from tests.rack.checks import is_registered
from tests.rack.flows import Flows
from tests.rack.rack import Rack

pytestmark = [pytest.mark.rack, pytest.mark.timeout(1800), pytest.mark.xdist_group("rack")]
MACHINES = 3


def test_three_machines_at_once_all_register_and_go_off(rack: Rack, operator: OperatorView) -> None:
    every = [Flows(rack, rack.add(), operator) for _ in range(MACHINES)]
    with ThreadPoolExecutor(MACHINES) as people:
        for times in people.map(Flows.register, every):
            print(f"\n{times}")
    for flows in every:
        is_registered(flows)
    nodes = [flows.node for flows in every]
    assert len({node.bmc_address for node in nodes if node}) == MACHINES
