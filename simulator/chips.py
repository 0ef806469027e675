"""The firmware of a machine's components: which versions run, and which do at its next start."""

import re
import threading
from dataclasses import replace

from simulator.hardware.identity import Identity

BIOS, BMC = "bios", "bmc"
# What a simulated update carries inside: the component and the version that it brings.
MARK = re.compile(rb"bearman-simulated-firmware: (bios|bmc|nic|disk) ([ -~]{1,80}?)\s*(?:\n|$)")


class UnknownImageError(Exception):
    """The file is no update for this machine; the words are what a tool says."""


def mark(component: str, version: str) -> bytes:
    """The line that makes a file an update of simulated firmware."""
    return f"bearman-simulated-firmware: {component} {version}\n".encode()


def read_mark(content: bytes) -> tuple[str, str]:
    """Component and version that a file brings; raises UnknownImageError."""
    found = MARK.search(content)
    if found is None:
        raise UnknownImageError("the image is not for this device")
    return found[1].decode(), found[2].decode()


class Chips:
    """The versions of one machine, kept over all its boots; may be used from any thread.

    `attempts` is how often a tool has begun to write.
    """

    def __init__(self, identity: Identity) -> None:
        self.attempts = 0
        self._identity = identity
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str], str] = {}
        self._waiting: dict[tuple[str, str], str] = {}

    def write(self, component: str, target: str, version: str) -> None:
        """Write a version; that of BIOS and network cards comes into force at the next start.

        `target` is an interface or a disk; all ports of a network chip share its firmware.
        """
        with self._lock:
            keys = [(component, name) for name in self._chip(component, target)]
            if not keys:
                raise UnknownImageError(f"there is no {component} {target}".rstrip())
            place = self._waiting if component in (BIOS, "nic") else self._running
            place.update(dict.fromkeys(keys, version))

    def restart(self) -> None:
        """Take what was written into force."""
        with self._lock:
            self._running.update(self._waiting)
            self._waiting.clear()

    def waiting(self, component: str, target: str) -> str:
        """The version that the next start brings; empty for the one that runs."""
        with self._lock:
            return self._waiting.get((component, target), "")

    @property
    def identity(self) -> Identity:
        """The machine with the versions that run now."""
        with self._lock:
            running = dict(self._running)
        own = self._identity
        model = own.model
        if bios := running.get((BIOS, "")):
            model = replace(model, bios=model.bios | _bios_of(model.bios, bios))
        if bmc := running.get((BMC, "")):
            model = replace(model, bmc=replace(model.bmc, firmware=bmc))
        ports = [
            replace(port, nic=replace(port.nic, firmware=running[key]))
            if (key := ("nic", port.name)) in running
            else port
            for port in own.ports
        ]
        disks = [
            replace(unit, disk=replace(unit.disk, revision=running[key]))
            if (key := ("disk", unit.name)) in running
            else unit
            for unit in own.disks
        ]
        return replace(own, model=model, ports=tuple(ports), disks=tuple(disks))

    def _chip(self, component: str, target: str) -> list[str]:
        """The names under which the component's versions are kept."""
        match component:
            case "bios" | "bmc":
                return [""]
            case "nic":
                ports = self._identity.ports
                found = [port for port in ports if port.answers_to(target)]
                return [p.name for p in ports if any(p.card == one.card for one in found)]
        return [unit.name for unit in self._identity.disks if unit.name == target]


def _bios_of(bios: dict[str, str], version: str) -> dict[str, str]:
    """Version and date belong together."""
    if version == bios.get("previous"):
        return {"version": version, "date": bios["previous_date"]}
    return {"version": version}
