"""Machines with UEFI: iPXE by TFTP, and by UEFI's own HTTP Boot."""

import pytest

from simulator.operator_view import OperatorView
from tests.rack.checks import comes_back, is_registered
from tests.rack.flows import Flows
from tests.rack.layout import Firmware, Model
from tests.rack.rack import Rack

pytestmark = [pytest.mark.rack, pytest.mark.timeout(1800), pytest.mark.xdist_group("rack")]


@pytest.mark.parametrize("firmware", [Firmware.UEFI_PXE, Firmware.UEFI_HTTP])
def test_a_machine_with_uefi_registers_and_is_deployed(
    rack: Rack, operator: OperatorView, firmware: Firmware
) -> None:
    flows = Flows(rack, rack.add(Model(firmware=firmware)), operator)
    print(f"\n{firmware.name}: {flows.register()}")
    is_registered(flows)
    name = f"rack-{firmware.name.lower().replace('_', '-')}"
    flows.deploy(name)
    print(f"\n{firmware.name}: {flows.follow()}")
    row = flows.row
    assert row is not None
    flows.wait_ping(row.service_address, seconds=60)
    assert flows.ssh(row.service_address, "hostname; ls -d /sys/firmware/efi").split() == [
        name,
        "/sys/firmware/efi",
    ]
    if firmware is Firmware.UEFI_PXE:
        print(f"\n{firmware.name}: {comes_back(flows, name)}")
