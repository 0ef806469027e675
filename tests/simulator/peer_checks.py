"""How the small Bearman for tests judges cables and firmware."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bearman.lib.issues import Severity
from nodes.inventory import parse_dmidecode
from nodes.wiring.compare import compare
from nodes.wiring.plan import End, Peer, Wanted
from nodes.wiring.readings import RawLink, RawWiring, readings_of
from protos.bearman.v1 import firmware_pb2 as fw
from protos.bearman.v1 import wiring_pb2 as wire
from simulator.chips import mark
from simulator.fabric import cabling
from simulator.hardware.catalogue import models
from simulator.lineup import Place

OUTCOME = fw.FirmwareOutcome
FIRMWARE_REVISION = re.compile(rb"Firmware Revision +: (\S+)")


@dataclass
class WiringDesk:
    """Knows where each serial number should be cabled to, and where interfaces were seen."""

    wanted: dict[str, Wanted] = field(default_factory=dict)
    seen: dict[tuple[str, str], Peer] = field(default_factory=dict)

    def learn(self, places: Sequence[Place]) -> None:
        """Take the right cables of a line-up for the plan."""
        for place in places:
            ends = {
                name: End(
                    cable.switch.name,
                    str(cable.port),
                    cable.socket_mbps // 1000,
                    cable.vlan,
                    9000,
                )
                for name, cable in cabling(place.identity, place.stand).items()
            }
            stand = f"rack {place.stand.rack} unit {place.stand.unit}"
            self.wanted[place.identity.serial] = Wanted(ends, place=stand)

    def check(self, serial: str, request: wire.CheckWiringRequest) -> tuple[str, str]:
        """The code and the words of the worst finding that ends the registration; or nothing."""
        links = [
            RawLink(each.interface, each.settings, each.module, each.module_error)
            for each in request.links
        ]
        readings = readings_of(RawWiring(request.lldp, request.ip_link, links))
        wanted = self.wanted.get(serial, Wanted())
        others = [peer for (owner, _), peer in self.seen.items() if owner != serial]
        found = compare(readings, wanted, others)
        for name, reading in readings.interfaces.items():
            if neighbour := reading.neighbour():
                end = wanted.ends.get(name)
                self.seen[serial, name] = Peer(
                    len(self.seen), serial, name, end, neighbour.switch, neighbour.port
                )
        errors = [each for each in found if each.issue.severity is Severity.ERROR]
        return (errors[0].issue.code, errors[0].message) if errors else ("", "")


@dataclass
class Baseline:
    """What one component of one machine must have."""

    component: str
    target: str
    wanted: str
    read_with: str
    reboot: bool
    tool: str = "vendor"

    @property
    def content(self) -> bytes:
        """The artefact: a vendor's update that a shell can run."""
        return b'#!/bin/sh\nexec simulated-flash "$0" "$BEARMAN_FIRMWARE_TARGET" "$@"\n# ' + mark(
            self.component, self.wanted
        )

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def version(self, request: fw.PlanFirmwareRequest) -> str:
        """The version that the machine says it has."""
        if self.component == "bmc":
            found = FIRMWARE_REVISION.search(request.mc_info)
            return found[1].decode() if found else ""
        if self.component == "bios":
            return parse_dmidecode(request.inventory.dmidecode).bios_version or ""
        texts = {item.interface: item.output.decode() for item in request.inventory.ethtool}
        return texts[self.target].partition("firmware-version: ")[2].partition("\n")[0]


@dataclass
class FirmwareDesk:
    """Baselines by serial number; `files` are the artefacts by SHA-256."""

    baselines: dict[str, list[Baseline]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    rebooting: set[tuple[str, int]] = field(default_factory=set)
    told: list[tuple[str, str]] = field(default_factory=list)

    def learn(self, places: Sequence[Place]) -> None:
        """Want what the catalogue gives to the models of a line-up."""
        known = {model.name: model for model in models()}
        for place in places:
            model, port = known[place.identity.model.name], place.identity.uplinks[0]
            own = [
                Baseline("bmc", "", model.bmc.firmware, "ipmitool", reboot=False),
                Baseline("bios", "", model.bios["version"], "dmidecode", reboot=True),
            ]
            if port.nic.driver == "mlx5_core":
                (nic,) = {card.nic for card in model.cards if port.name in card.names}
                own.append(Baseline("nic", port.name, nic.firmware, "ethtool", True, "mstflint"))
            self.baselines[place.identity.serial] = own
            self.files |= {each.sha256: each.content for each in own}

    def plan(
        self, serial: str, request: fw.PlanFirmwareRequest, url: str
    ) -> fw.PlanFirmwareResponse:
        """What is behind."""
        answer = fw.PlanFirmwareResponse(passed=True)
        for number, each in enumerate(self.baselines.get(serial, ())):
            before = each.version(request)
            if before == each.wanted:
                self.rebooting.discard((serial, number))
                continue
            if (serial, number) in self.rebooting:
                return fw.PlanFirmwareResponse(issue="FW-003", reason="silently not applied")
            update = answer.updates.add(
                id=number + 1,
                component=each.component,
                target=each.target,
                title=each.component,
                from_version=before,
                wanted_version=each.wanted,
                tool=each.tool,
                read_with=each.read_with,
                reboot=each.reboot,
                timeout_seconds=5,
            )
            update.artefact.url = f"{url}/artefacts/{each.sha256}"
            update.artefact.sha256, update.artefact.size = each.sha256, len(each.content)
        return answer

    def report(self, serial: str, request: fw.ReportFirmwareRequest) -> fw.ReportFirmwareResponse:
        """How one goes."""
        number = request.update_id - 1
        each = self.baselines[serial][number]
        self.told.append((serial, OUTCOME.Name(request.outcome).rpartition("_")[2]))
        match request.outcome:
            case fw.FIRMWARE_OUTCOME_REBOOTING:
                self.rebooting.add((serial, number))
            case fw.FIRMWARE_OUTCOME_APPLIED if each.wanted.encode() not in request.reading:
                return fw.ReportFirmwareResponse(issue="FW-003", reason="silently not applied")
            case fw.FIRMWARE_OUTCOME_FAILED:
                code = "FW-005" if request.exit_code == 124 else "FW-004"
                return fw.ReportFirmwareResponse(issue=code, reason=request.log_tail)
        return fw.ReportFirmwareResponse(apply=True, passed=True)
