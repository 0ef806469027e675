"""Power of a simulated BMC, and how the machine behind it hears of it."""

import asyncio
import logging

import pytest

from nodes.bmc import BmcEndpoint, BmcTimeout, BmcTimings, BootDevice, PowerState, driver_for
from simulator.bmc import (
    BmcFaults,
    PowerAction,
    PowerRefusedError,
    Reactions,
    SimulatedBmc,
)
from tests.simulator.bmc.rig import PASSWORD, USER, Rig, wait_until


def recorder(seen: list[str]) -> Reactions:
    return Reactions(
        power_on=lambda: seen.append("on"),
        power_off=lambda: seen.append("off"),
        soft_off=lambda: seen.append("soft"),
    )


def test_on_and_off_reach_the_machine_once_each(rig: Rig) -> None:
    seen: list[str] = []
    bmc = rig.bmc(reactions=recorder(seen))
    for action in (PowerAction.ON, PowerAction.ON, PowerAction.OFF, PowerAction.OFF):
        bmc.switch(action)
    wait_until(lambda: len(seen) >= 2)
    assert seen == ["on", "off"]
    assert not bmc.powered


@pytest.mark.parametrize("action", [PowerAction.CYCLE, PowerAction.RESET])
def test_a_restart_stops_the_machine_and_starts_it(rig: Rig, action: PowerAction) -> None:
    seen: list[str] = []
    bmc = rig.bmc(powered=True, reactions=recorder(seen))
    bmc.switch(action)
    wait_until(lambda: seen == ["off", "on"])
    assert bmc.powered


@pytest.mark.parametrize("action", [PowerAction.CYCLE, PowerAction.RESET])
def test_a_machine_that_is_off_is_not_restarted(action: PowerAction) -> None:
    with pytest.raises(PowerRefusedError):
        SimulatedBmc("b").switch(action)


def test_a_bmc_that_falls_silent_at_power_on_answers_again_and_then_switches_on(rig: Rig) -> None:
    bmc = rig.bmc(faults=BmcFaults(silence_at_power_on_s=2.0))
    endpoint = BmcEndpoint(str(bmc.lan.address), USER, PASSWORD, rig.fleet.port)
    driver = driver_for(endpoint, timings=BmcTimings(login_s=0.2, command_s=0.2, attempts=1))
    with pytest.raises(BmcTimeout):
        driver.power_on()
    assert bmc.silent
    wait_until(lambda: not bmc.silent)
    assert driver.power_status() is PowerState.OFF
    driver.power_on()
    assert bmc.powered


def test_a_boot_device_for_one_boot_is_used_up_by_it(rig: Rig) -> None:
    bmc = rig.bmc(faults=BmcFaults(forgets_boot_device=True))
    driver = driver_for(BmcEndpoint(str(bmc.lan.address), USER, PASSWORD, rig.fleet.port))
    driver.set_boot_device(BootDevice.PXE)
    assert driver.get_boot_device().device is BootDevice.NONE
    driver.set_boot_device(BootDevice.PXE)
    assert [bmc.boot.take(), bmc.boot.take()] == [1, 0]
    driver.set_boot_device(BootDevice.DISK, persistent=True)
    assert [bmc.boot.take(), bmc.boot.take()] == [2, 2]


def test_a_soft_off_leaves_power_on_until_the_machine_stops(rig: Rig) -> None:
    seen: list[str] = []
    bmc = rig.bmc(powered=True, reactions=recorder(seen))
    bmc.switch(PowerAction.SOFT_OFF)
    wait_until(lambda: seen == ["soft"])
    assert bmc.powered
    bmc.machine_stopped()
    wait_until(lambda: not bmc.powered)
    assert seen == ["soft"]


def test_without_a_machine_a_soft_off_is_immediate() -> None:
    bmc = SimulatedBmc("b", powered=True)
    bmc.switch(PowerAction.SOFT_OFF)
    assert not bmc.powered


def test_reactions_run_one_after_the_other_even_when_slow(rig: Rig) -> None:
    seen: list[str] = []

    async def start() -> None:
        await asyncio.sleep(0.05)
        seen.append("started")

    async def stop() -> None:
        seen.append("stopped")

    bmc = rig.bmc(reactions=Reactions(power_on=start, power_off=stop))
    bmc.press_power_button()
    bmc.switch(PowerAction.OFF)
    wait_until(lambda: len(seen) == 2)
    assert seen == ["started", "stopped"]


def test_a_reaction_that_fails_is_logged_and_the_next_still_runs(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    def fail() -> None:
        raise OSError("no such program")

    reactions = Reactions(power_on=fail, power_off=lambda: seen.append("off"))
    bmc = rig.bmc(reactions=reactions)
    with caplog.at_level(logging.ERROR):
        bmc.switch(PowerAction.ON)
        bmc.switch(PowerAction.OFF)
        wait_until(lambda: seen == ["off"])
    assert "test-bmc failed to react" in caplog.text


def test_reactions_need_a_fleet_to_run_in() -> None:
    bmc = SimulatedBmc("b", reactions=recorder([]))
    with pytest.raises(RuntimeError, match="BmcFleet"):
        bmc.press_power_button()


def test_a_bmc_that_stays_off_acknowledges_and_does_nothing() -> None:
    bmc = SimulatedBmc("b", faults=BmcFaults(power_on_but_stays_off=True))
    bmc.switch(PowerAction.ON)
    assert not bmc.powered
    bmc.press_power_button()
    assert bmc.powered


def test_a_bmc_that_refuses_power_says_so() -> None:
    bmc = SimulatedBmc("b", faults=BmcFaults(refuses_power=True))
    with pytest.raises(PowerRefusedError):
        bmc.switch(PowerAction.ON)
