"""Which machine is plugged into which port of which switch."""

from typing import NamedTuple, Self

from tests.rack import bmc, network, qmp, services
from tests.rack.layout import SWITCHES, Layout, Slot
from tests.rack.shell import RackError


class Port(NamedTuple):
    """A port of a switch, for people SWITCH:NUMBER."""

    switch: str
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read SWITCH:NUMBER; raises RackError."""
        switch, _, number = text.partition(":")
        if switch not in SWITCHES or not number.isdecimal():
            raise RackError(f"{text!r} is no port; say {SWITCHES[0]}:7 or {SWITCHES[1]}:7.")
        return cls(switch, int(number))

    def __str__(self) -> str:
        return f"{self.switch}:{self.number}"


class Cables:
    """The cables of a rack, one for each machine; may be changed while machines run."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._ports: dict[int, Port] = {}
        self._slots: dict[int, Slot] = {}

    def port(self, slot: Slot) -> Port | None:
        """Where a machine is plugged in; None for a cable that hangs loose."""
        return self._ports.get(slot.number)

    def plug(self, slot: Slot, port: Port) -> None:
        """Plug a machine's cable into a port; raises RackError where another's is."""
        holder = next((n for n, taken in self._ports.items() if taken == port), slot.number)
        if holder != slot.number:
            raise RackError(f"Machine {holder} is plugged into {port}.")
        self._set({slot: port})

    def unplug(self, slot: Slot) -> None:
        """Pull a machine's cable out of its port."""
        self._set({slot: None})

    def swap(self, one: Slot, other: Slot) -> None:
        """Plug each of two machines where the other was."""
        self._set({one: self.port(other), other: self.port(one)})

    def _set(self, ports: dict[Slot, Port | None]) -> None:
        for slot, port in ports.items():
            self._slots[slot.number] = slot
            self._ports.pop(slot.number, None)
            network.set_plugged(slot, plugged=bool(port))
            if port:
                self._ports[slot.number] = port
            if bmc.is_on(slot):
                qmp.set_link(slot, up=bool(port))
        for switch in SWITCHES:
            services.set_ports(self._layout, switch, self._taps(switch))

    def _taps(self, switch: str) -> dict[str, int]:
        return {
            self._slots[number].tap: port.number
            for number, port in self._ports.items()
            if port.switch == switch
        }
