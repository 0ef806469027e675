"""Machines with firmware that registers, plans, updates and restarts, through the services."""

import io
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from nodes.models import FirmwareBaseline, FirmwareUpdate, Node
from nodes.models.firmware import FirmwareMode
from nodes.services.boot import BootCaller, boot_ask, boot_caller
from nodes.services.firmware import FirmwarePlan, firmware_plan
from nodes.services.firmware_artefacts import artefact_store
from nodes.services.firmware_baselines import READ_BY_DEFAULT, baseline_save
from nodes.services.firmware_report import FirmwareReport, Outcome, firmware_report
from nodes.services.firmware_verdict import FirmwareVerdict
from nodes.services.inventory import RawOutputs
from nodes.services.registration import node_register
from nodes.states import NodeStatus
from tests.samples import Machine

SOURCE = "127.0.0.1"
MC_INFO = """Device ID                 : 32
Device Revision           : 1
Firmware Revision         : {}
IPMI Version              : 2.0
Aux Firmware Rev Info     :
    0x00
    0x00
    0x00
    0x00
"""


def baseline(name: str = "bios", **fields: Any) -> FirmwareBaseline:
    """A saved baseline with a file; for the BIOS of the sample machines unless told otherwise."""
    component = fields.pop("component", "bios")
    file = io.BytesIO(f"firmware of {name}".encode())
    artefact = artefact_store(baseline=name, name="update.bin", file=file)
    values = {
        "vendor_pattern": "acme*",
        "product_pattern": "RackBox*",
        "wanted": "2.14.0",
        "comparator": "dell",
        "mode": FirmwareMode.ON,
        "read_with": READ_BY_DEFAULT[component],
        "reboot": component == "bios",
        "artefact_path": artefact.path,
        "artefact_size": artefact.size,
        "artefact_sha256": artefact.sha256,
    }
    return baseline_save(
        baseline=FirmwareBaseline(name=name, component=component, **(values | fields))
    )


@dataclass
class Box:
    """A machine; its versions change as its update tools please."""

    number: int = 1
    bios: str = "2.12.4"
    bmc: str = "4.20"
    nic: str = "22.31.1014 (MT_0000000359)"
    disk: str = "EDA5702Q"
    mlx: bool = True
    caller: BootCaller | None = None
    machine: Machine = field(init=False)

    def __post_init__(self) -> None:
        self.machine = Machine(self.number)

    def boot(self) -> "Box":
        """Start anew, and register."""
        token = boot_ask(uuid=self.machine.uuid, source=SOURCE).token
        assert token
        self.caller = boot_caller(token=token, uuid=self.machine.uuid, source=SOURCE)
        node_register(caller=self.caller, raw=self.raw(), address=SOURCE, source=SOURCE)
        self.caller = boot_caller(token=token, uuid=self.machine.uuid, source=SOURCE)
        return self

    def raw(self) -> RawOutputs:
        """What the machine's programs print now."""
        return RawOutputs(
            self.dmidecode(),
            self.lsblk(),
            self.machine.ip_link(),
            {"eno1": self.ethtool(0), "eno2": self.ethtool(1)} if self.mlx else {},
        )

    def dmidecode(self) -> bytes:
        return self.machine.dmidecode().replace(
            b"Version: 2.12.4", f"Version: {self.bios}".encode()
        )

    def ethtool(self, port: int = 0) -> bytes:
        lines = (
            "driver: mlx5_core",
            "version: 6.1",
            f"firmware-version: {self.nic}",
            f"bus-info: 0000:31:00.{port}",
        )
        return "\n".join(lines).encode()

    def lsblk(self) -> bytes:
        devices = json.loads(self.machine.lsblk())
        devices["blockdevices"][0]["rev"] = self.disk
        return json.dumps(devices).encode()

    def mc_info(self) -> bytes:
        return MC_INFO.format(self.bmc).encode() if self.bmc else b""

    def plan(self) -> FirmwarePlan:
        """Ask what to do."""
        assert self.caller
        return firmware_plan(caller=self.caller, raw=self.raw(), mc_info=self.mc_info())

    def report(
        self, update: int, outcome: str, *, reading: bytes = b"", code: int = 0, log: str = ""
    ) -> tuple[bool, FirmwareVerdict]:
        """Say how an update goes."""
        assert self.caller
        said = FirmwareReport(Outcome(outcome), reading, code, log)
        return firmware_report(caller=self.caller, update_id=update, report=said)

    def only(self) -> int:
        """Ask what to do, and return the number of the one update that is due."""
        (planned,) = self.plan().updates
        assert planned.row.pk
        return planned.row.pk

    @property
    def node(self) -> Node:
        return Node.objects.get(uuid=self.machine.uuid)

    @property
    def row(self) -> FirmwareUpdate:
        return FirmwareUpdate.objects.get(node=self.node)

    def findings(self) -> list[str]:
        """The codes of what was found last."""
        return list(self.node.findings.filter(source="firmware").values_list("issue", flat=True))

    def failed(self, code: str) -> bool:
        """Whether the registration has ended at firmware with this code, and says what to do."""
        node = self.node
        return (
            node.status == NodeStatus.REGISTER_FAILED
            and (node.step, node.issue) == ("firmware", code)
            and bool(node.reason and node.advice)
        )


def much_later() -> None:
    """Be past the time in which a failure stays the answer to the same boot."""
    FirmwareUpdate.objects.exclude(ended_at=None).update(
        ended_at=timezone.now() - timedelta(minutes=10)
    )
