"""What each power action does to a BMC, and how it is seen that it came true."""

import time
from collections.abc import Callable

from bearman.lib.errors import BearmanError, Conflict
from bearman.lib.issues import bmc as issues
from nodes.bmc import BmcDriver, BmcError, BootDevice, PowerState
from nodes.models import Bmc
from nodes.power import PowerAction
from nodes.services.bmc import bmc_operate, identify, power_read

# A try against a silent BMC is one login: the task tries again, and shows that it does.
ATTEMPTS = 1
SETTLE_SECONDS = 15.0  # from the BMC's yes until its power reads so; a cycle is off for some
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 2.0

_DEVICES = {
    PowerAction.BOOT_PXE: (BootDevice.PXE, "from the network"),
    PowerAction.BOOT_DISK: (BootDevice.DISK, "from its disk"),
    PowerAction.BOOT_SETUP: (BootDevice.BIOS, "into its setup"),
}


def power_act(*, bmc: Bmc, action: PowerAction) -> str:
    """Do one thing with a BMC and return what came of it, in a sentence.

    Raises BmcError or Busy where nothing was done, except for a BmcTimeout that says otherwise;
    Conflict where the BMC said yes and it did not come true.
    """
    if action in _DEVICES:
        return _boot(bmc, action)
    return _ACTS[action](bmc)


def _status(bmc: Bmc) -> str:
    return f"The power is {power_read(bmc=bmc, attempts=ATTEMPTS)}."


def _on(bmc: Bmc) -> str:
    _command(bmc, "power on", lambda driver: driver.power_on())
    _await(bmc, PowerState.ON)
    return "The power is on."


def _soft_off(bmc: Bmc) -> str:
    if power_read(bmc=bmc, attempts=ATTEMPTS) is PowerState.OFF:
        return "The power is off already."
    _command(bmc, "soft off", lambda driver: driver.power_off(hard=False))
    return "The operating system was asked to shut down; read the power in a minute."


def _hard_off(bmc: Bmc) -> str:
    _command(bmc, "power off", lambda driver: driver.power_off(hard=True))
    _await(bmc, PowerState.OFF)
    return "The power is off."


def _cycle(bmc: Bmc) -> str:
    if power_read(bmc=bmc, attempts=ATTEMPTS) is PowerState.OFF:
        raise Conflict(
            "The power is off, so there is nothing to cycle.",
            advice="Switch it on.",
            issue=issues.CHANGED_UNDERWAY,
        )
    _command(bmc, "power cycle", lambda driver: driver.power_cycle())
    _await(bmc, PowerState.ON)
    return "The power was cut and is on again."


def _boot(bmc: Bmc, action: PowerAction) -> str:
    device, words = _DEVICES[action]
    _command(bmc, f"boot {device}", lambda driver: driver.set_boot_device(device))
    return f"It boots {words} the next time."


def _identify_on(bmc: Bmc) -> str:
    identify(bmc=bmc, on=True, attempts=ATTEMPTS)
    return "The identify light is on."


def _identify_off(bmc: Bmc) -> str:
    identify(bmc=bmc, on=False, attempts=ATTEMPTS)
    return "The identify light is off."


_ACTS: dict[PowerAction, Callable[[Bmc], str]] = {
    PowerAction.STATUS: _status,
    PowerAction.ON: _on,
    PowerAction.SOFT_OFF: _soft_off,
    PowerAction.HARD_OFF: _hard_off,
    PowerAction.CYCLE: _cycle,
    PowerAction.IDENTIFY_ON: _identify_on,
    PowerAction.IDENTIFY_OFF: _identify_off,
}


def _command(bmc: Bmc, operation: str, run: Callable[[BmcDriver], None]) -> None:
    bmc_operate(bmc=bmc, operation=operation, run=run, attempts=ATTEMPTS)


def _await(bmc: Bmc, wanted: PowerState) -> None:
    """Read the power until it is as wanted; raises Conflict where it does not become so.

    The command was accepted, so whatever goes wrong from here on never repeats it.
    """
    end, pause, seen = time.monotonic() + SETTLE_SECONDS, FIRST_PAUSE_SECONDS, ""
    while True:
        try:
            power = power_read(bmc=bmc, attempts=ATTEMPTS)
        except (BmcError, BearmanError) as error:
            seen = f"then it could not be asked: {error}"
        else:
            if power is wanted:
                return
            seen = f"the power is still {power} after {SETTLE_SECONDS:.0f} s."
        if time.monotonic() >= end:
            issue = issues.STAYS_OFF if wanted is PowerState.ON else issues.STAYS_ON
            raise Conflict(f"The BMC accepted the command, but {seen}", issue=issue)
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
