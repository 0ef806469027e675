"""The BMC driver for IPMI 2.0 over RMCP+."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from nodes.bmc.base import BmcEndpoint, BmcTimings, BootDevice, BootOverride, PowerState
from nodes.bmc.errors import BmcProtocolError, BmcRefused, BmcTimeout
from nodes.bmc.ipmi_session import IpmiSession

T = TypeVar("T")

CHASSIS = 0x00  # network function: IPMI 2.0 table 5-1
GET_STATUS, CONTROL, IDENTIFY, SET_BOOT, GET_BOOT = 0x01, 0x02, 0x04, 0x08, 0x09  # section 28
OFF, ON, CYCLE, SOFT_OFF = 0x00, 0x01, 0x02, 0x05  # Chassis Control: section 28.3

# Boot options: table 28-14.
VALID_BIT_CLEARING, KEEP_AFTER_60_S = 3, 0x08
FLAGS, VALID, PERSISTENT, UEFI = 5, 0x80, 0x40, 0x20
DEVICES = {
    BootDevice.NONE: 0,
    BootDevice.PXE: 1,
    BootDevice.DISK: 2,
    BootDevice.CDROM: 5,
    BootDevice.BIOS: 6,
}
NAMES = {number: device for device, number in DEVICES.items()}

MAX_IDENTIFY_S = 255  # one byte of seconds: section 28.5
MAX_BACKOFF_S = 10.0


class IpmiDriver:
    """BmcDriver over IPMI: each operation is a session of its own, logged out at its end."""

    def __init__(self, endpoint: BmcEndpoint, timings: BmcTimings) -> None:
        self._endpoint = endpoint
        self._timings = timings

    def power_status(self) -> PowerState:
        """Read Get Chassis Status, section 28.2."""
        status = self._in_session(lambda session: session.ask(CHASSIS, GET_STATUS))
        self._require(status, 1)
        return PowerState.ON if status[0] & 1 else PowerState.OFF

    def power_on(self) -> None:
        """Switch power on; nothing happens when it is on already."""
        self._control(ON)

    def power_off(self, *, hard: bool) -> None:
        """Cut the power, or with hard=False ask the operating system to shut down."""
        self._control(OFF if hard else SOFT_OFF)

    def power_cycle(self) -> None:
        """Cut the power of a machine that is on and switch it on again; never sent twice."""
        self._control(CYCLE, repeatable=False)

    def set_boot_device(
        self, device: BootDevice, *, persistent: bool = False, uefi: bool = False
    ) -> None:
        """Set System Boot Options, section 28.12; also if the next power-on is minutes away."""
        first = VALID | (PERSISTENT if persistent else 0) | (UEFI if uefi else 0)
        flags = (first, DEVICES[device] << 2) if device != BootDevice.NONE else (0, 0)

        def work(session: IpmiSession) -> None:
            with suppress(BmcRefused):  # an optional parameter, and a BMC may forget by itself
                session.ask(CHASSIS, SET_BOOT, (VALID_BIT_CLEARING, KEEP_AFTER_60_S))
            session.ask(CHASSIS, SET_BOOT, (FLAGS, *flags, 0, 0, 0))

        self._in_session(work)

    def get_boot_device(self) -> BootOverride:
        """Get System Boot Options, section 28.13."""
        answer = self._in_session(lambda session: session.ask(CHASSIS, GET_BOOT, (FLAGS, 0, 0)))
        self._require(answer, 4)
        first, second = answer[2:4]
        if not first & VALID:
            return BootOverride(BootDevice.NONE)
        number = second >> 2 & 0x0F
        if number not in NAMES:
            raise BmcProtocolError(self._endpoint.host, f"names an unknown boot device, {number}")
        return BootOverride(NAMES[number], bool(first & PERSISTENT), bool(first & UEFI))

    def identify(self, *, on: bool, seconds: int | None = None) -> None:
        """Chassis Identify, section 28.5; raises ValueError if seconds are not 1 to 255."""
        if seconds is not None and not 1 <= seconds <= MAX_IDENTIFY_S:
            raise ValueError(f"identify for {seconds} s is not between 1 and {MAX_IDENTIFY_S}")
        force_on = (MAX_IDENTIFY_S, 1)
        lit = force_on if seconds is None else (seconds,)
        data = lit if on else (0,)
        self._in_session(lambda session: session.ask(CHASSIS, IDENTIFY, data))

    def _control(self, action: int, *, repeatable: bool = True) -> None:
        self._in_session(
            lambda session: session.ask(CHASSIS, CONTROL, (action,), repeatable=repeatable)
        )

    def _in_session(self, work: Callable[[IpmiSession], T]) -> T:
        for attempt in range(1, self._timings.attempts):
            try:
                return self._once(work)
            except BmcTimeout as error:
                if error.may_have_acted:
                    raise
            pause = self._timings.backoff_s * 2 ** (attempt - 1)
            jitter = random.uniform(0.5, 1.0)  # noqa: S311, no secret
            time.sleep(jitter * min(pause, MAX_BACKOFF_S))
        return self._once(work)

    def _once(self, work: Callable[[IpmiSession], T]) -> T:
        with IpmiSession(self._endpoint, self._timings) as session:
            return work(session)

    def _require(self, answer: bytes, length: int) -> None:
        if len(answer) < length:
            raise BmcProtocolError(self._endpoint.host, "gave an answer that is cut short")
