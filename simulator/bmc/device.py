"""One simulated BMC: power, LAN, users, boot options and the faults asked of it."""

import asyncio
import inspect
import logging
import math
import secrets
import threading
import time
from collections.abc import Coroutine
from typing import Any, Protocol
from uuid import UUID, uuid4

from simulator.bmc.behaviour import (
    BmcFaults,
    Identify,
    PowerAction,
    PowerRefusedError,
    Reaction,
    Reactions,
)
from simulator.bmc.boot import FLAGS, BootOptions
from simulator.bmc.device_id import DeviceId
from simulator.bmc.lan import BmcAddressError, LanConfig, LanParam, Parameter, Source, encode
from simulator.bmc.rakp import SUITES, CipherSuite
from simulator.bmc.sessions import SessionTable
from simulator.bmc.users import PASSWORD_BYTES, Privilege, UserTable

logger = logging.getLogger(__name__)


class Carrier(Protocol):
    """What a BMC needs of the fleet that carries it."""

    def rebind(self, bmc: "SimulatedBmc") -> None:
        """Answer on the BMC's present address only; raises BmcAddressError."""

    def settle(self) -> None:
        """Wait until addresses given up so far are free again."""

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a coroutine in the fleet's loop, from any thread."""


class SimulatedBmc:
    """A BMC that answers on the network once its LAN address is set and static.

    All methods may be called from any thread. set_lan and set_user are what the machine's own
    `ipmitool` reaches over KCS. `port` is the UDP port; None takes the fleet's.
    """

    def __init__(
        self,
        name: str,
        *,
        mac: str = "02:00:00:00:00:01",
        guid: UUID | None = None,
        port: int | None = None,
        powered: bool = False,
        suites: tuple[CipherSuite, ...] = SUITES,
        faults: BmcFaults | None = None,
        reactions: Reactions | None = None,
    ) -> None:
        self.name = name
        self.guid = guid or uuid4()
        self.port = port
        self.suites = suites
        self.faults = faults or BmcFaults()
        self.reactions = reactions or Reactions()
        self.device_id = DeviceId()
        self.lan = LanConfig(mac)
        self.users = UserTable()
        self.boot = BootOptions()
        self.sessions = SessionTable()
        self.carrier: Carrier | None = None
        self._powered = powered
        self._identify_until = 0.0
        self._silent_until = 0.0
        self._lock = threading.RLock()
        self._turn = asyncio.Lock()

    @property
    def powered(self) -> bool:
        """Whether the machine has power."""
        return self._powered

    @property
    def silent(self) -> bool:
        """Whether it answers nothing at this moment."""
        return self.faults.silent or time.monotonic() < self._silent_until

    @property
    def identify(self) -> Identify:
        """State of the identify light at this moment."""
        if self._identify_until == math.inf:
            return Identify.FORCED
        return Identify.TIMED if time.monotonic() < self._identify_until else Identify.OFF

    def light(self, seconds: float) -> None:
        """Light the identify light for so many seconds: 0 is off, infinity stays on."""
        self._identify_until = time.monotonic() + seconds

    @property
    def network_address(self) -> str | None:
        """The address that the BMC answers on; None until a static one is configured."""
        if self.lan.source != Source.STATIC or not int(self.lan.address):
            return None
        return None if self.faults.ignores_lan_set else str(self.lan.address)

    def set_lan(self, param: LanParam | str, value: str) -> None:
        """Do `ipmitool lan set 1 PARAM VALUE`; raises ValueError or BmcAddressError."""
        self.put_lan(*encode(LanParam(param), value))

    def put_lan(self, number: int, value: bytes) -> None:
        """Set a LAN parameter from wire bytes; an address that cannot be taken changes nothing."""
        with self._lock:
            before = self.lan.get(number)
            self.lan.put(number, value)
            carrier = self.carrier
            if carrier is None or number not in (Parameter.ADDRESS, Parameter.SOURCE):
                return
            try:
                carrier.rebind(self)
            except BmcAddressError:
                self.lan.put(number, before)
                raise
        carrier.settle()  # without the lock: the fleet's loop may be waiting for it

    def set_user(
        self,
        slot: int,
        *,
        name: str | None = None,
        password: str | None = None,
        enabled: bool | None = None,
        privilege: int | None = None,
        ipmi_messaging: bool | None = None,
    ) -> None:
        """Do `ipmitool user set ...` and `channel setaccess`; raises ValueError."""
        with self._lock:
            user = self.users.get(slot)
            if name is not None:
                user.rename(name)
            if password is not None:
                self.put_password(slot, password.encode())
            if enabled is not None:
                user.enabled = enabled
            if privilege is not None:
                user.privilege = Privilege(privilege)
            if ipmi_messaging is not None:
                user.ipmi_messaging = ipmi_messaging

    def put_password(self, slot: int, password: bytes) -> None:
        """Set a password, or keep another one if that is this BMC's fault; raises ValueError."""
        user = self.users.get(slot)
        user.set_password(password)
        if self.faults.wrong_password:
            user.set_password(secrets.token_hex(PASSWORD_BYTES // 2).encode())

    def put_boot_option(self, number: int, value: bytes) -> None:
        """Set a boot option, or forget it if that is this BMC's fault; raises as BootOptions."""
        self.boot.put(number, value)
        if number == FLAGS and self.faults.forgets_boot_device:
            self.faults.forgets_boot_device = False
            self.boot.take()

    def switch(self, action: PowerAction) -> None:
        """Carry out a power command from the network; raises PowerRefusedError."""
        with self._lock:
            if action == PowerAction.ON and self.faults.silence_at_power_on_s:
                self._silent_until = time.monotonic() + self.faults.silence_at_power_on_s
                self.faults.silence_at_power_on_s = 0.0
                return
            restarts = action in (PowerAction.CYCLE, PowerAction.RESET)
            if self.faults.refuses_power or (restarts and not self._powered):
                raise PowerRefusedError(f"{self.name} refuses {action.name}")
            if action == PowerAction.SOFT_OFF and self.reactions.soft_off and self._powered:
                self._react(self.reactions.soft_off)
            elif action != PowerAction.ON:
                self._turn_off()
            turns_on = action == PowerAction.ON or restarts
            if turns_on and not self.faults.power_on_but_stays_off:
                self.press_power_button()

    def press_power_button(self) -> None:
        """Power on at the front panel; does nothing when the machine is on."""
        with self._lock:
            if not self._powered:
                self._powered = True
                self._react(self.reactions.power_on)

    def machine_stopped(self) -> None:
        """Tell the BMC that the machine switched itself off; causes no reaction."""
        self._powered = False

    def _turn_off(self) -> None:
        if self._powered:
            self._powered = False
            self._react(self.reactions.power_off)

    def _react(self, reaction: Reaction | None) -> None:
        if reaction is None:
            return
        if self.carrier is None:
            raise RuntimeError(f"{self.name} has reactions but was not added to a BmcFleet")
        self.carrier.run(self._in_turn(reaction))

    async def _in_turn(self, reaction: Reaction) -> None:
        async with self._turn:
            try:
                result = reaction()
                if inspect.isawaitable(result):
                    await result
            except Exception:
                logger.exception("the machine of %s failed to react to its power switch", self.name)
