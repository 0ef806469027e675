"""What the IPMI driver does to a BMC."""

import pytest

from nodes.bmc import BootDevice, BootOverride, PowerState
from simulator.bmc import Identify, Reactions
from simulator.bmc.rakp import SUITE_3, SUITE_17, CipherSuite
from tests.nodes.bmc.helpers import driver
from tests.simulator.bmc.rig import Rig, wait_until


@pytest.mark.parametrize("suites", [(SUITE_3,), (SUITE_17,), (SUITE_3, SUITE_17)])
def test_power_is_read_and_switched_with_either_cipher_suite(
    rig: Rig, suites: tuple[CipherSuite, ...]
) -> None:
    bmc = rig.bmc(suites=suites)
    it = driver(rig, bmc)
    assert it.power_status() == PowerState.OFF
    it.power_on()
    assert bmc.powered
    assert it.power_status() == PowerState.ON
    it.power_off(hard=True)
    wait_until(lambda: not bmc.powered)


def test_a_soft_off_asks_the_machine_and_cuts_nothing(rig: Rig) -> None:
    asked: list[str] = []
    bmc = rig.bmc(powered=True, reactions=Reactions(soft_off=lambda: asked.append("soft")))
    driver(rig, bmc).power_off(hard=False)
    wait_until(lambda: asked == ["soft"])
    assert bmc.powered


def test_a_power_cycle_stops_and_starts_the_machine(rig: Rig) -> None:
    seen: list[str] = []
    reactions = Reactions(power_on=lambda: seen.append("on"), power_off=lambda: seen.append("off"))
    driver(rig, rig.bmc(powered=True, reactions=reactions)).power_cycle()
    wait_until(lambda: seen == ["off", "on"])


@pytest.mark.parametrize("device", [d for d in BootDevice if d != BootDevice.NONE])
@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("uefi", [False, True])
def test_a_boot_device_reads_back_as_it_was_set(
    rig: Rig, device: BootDevice, persistent: bool, uefi: bool
) -> None:
    it = driver(rig, rig.bmc())
    it.set_boot_device(device, persistent=persistent, uefi=uefi)
    assert it.get_boot_device() == BootOverride(device, persistent, uefi)


def test_the_boot_device_can_be_left_to_the_machine_again(rig: Rig) -> None:
    it = driver(rig, rig.bmc())
    assert it.get_boot_device() == BootOverride(BootDevice.NONE)
    it.set_boot_device(BootDevice.PXE, persistent=True)
    it.set_boot_device(BootDevice.NONE)
    assert it.get_boot_device() == BootOverride(BootDevice.NONE)


def test_the_identify_light_goes_on_for_a_time_or_until_it_is_switched_off(rig: Rig) -> None:
    bmc = rig.bmc()
    it = driver(rig, bmc)
    it.identify(on=True)
    wait_until(lambda: bmc.identify == Identify.FORCED)
    it.identify(on=True, seconds=200)
    wait_until(lambda: bmc.identify == Identify.TIMED)
    it.identify(on=False)
    wait_until(lambda: bmc.identify == Identify.OFF)


@pytest.mark.parametrize("seconds", [0, 256, -1])
def test_an_identify_time_that_ipmi_cannot_carry_is_refused(rig: Rig, seconds: int) -> None:
    with pytest.raises(ValueError, match="255"):
        driver(rig, rig.bmc()).identify(on=True, seconds=seconds)


def test_every_operation_logs_out(rig: Rig) -> None:
    bmc = rig.bmc()
    it = driver(rig, bmc)
    for _ in range(40):  # more than the BMC has sessions
        it.power_status()
    wait_until(lambda: len(bmc.sessions) == 0)
