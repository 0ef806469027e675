"""What a machine must do about its firmware now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from bearman import storage
from bearman.lib.errors import TooLarge
from bearman.lib.issues import Found, registration
from bearman.lib.issues import firmware as issues
from nodes.firmware import (
    Component,
    ComponentKind,
    DiskFacts,
    NicFacts,
    ReadWith,
    Standing,
    components_of,
    parse_mc_info,
)
from nodes.models import FindingSource, FirmwareBaseline, FirmwareUpdate, Node
from nodes.models.firmware import FirmwareMode
from nodes.models.node import TEXT
from nodes.services.boot import BootCaller, boot_checked
from nodes.services.findings import findings_replace, worst_first
from nodes.services.firmware_canary import canaries_release
from nodes.services.firmware_settle import Settled, settle
from nodes.services.firmware_verdict import FirmwareVerdict, firmware_node, firmware_verdict
from nodes.services.inventory import Inventory, RawOutputs, inventory_parse
from nodes.services.reports import report_count

# The BMC first: it may carry the others, and what it says of them. Adapters and disks next, which
# do not stop a machine from starting. The BIOS last: a machine whose BIOS fails starts no more, and
# by then all else is in place.
SAFE_ORDER = (ComponentKind.BMC, ComponentKind.NIC, ComponentKind.DISK, ComponentKind.BIOS)


@dataclass(frozen=True, slots=True)
class PlannedUpdate:
    """An update that a machine must do, and where its file is; empty for none."""

    row: FirmwareUpdate
    url: str
    read_first: bool


@dataclass(frozen=True, slots=True)
class FirmwarePlan:
    """The updates in a safe order, all findings with the worst first, and what follows."""

    updates: Sequence[PlannedUpdate]
    found: Sequence[Found]
    verdict: FirmwareVerdict


def firmware_plan(*, caller: BootCaller, raw: RawOutputs, mc_info: bytes) -> FirmwarePlan:
    """Say which updates the machine must do now, judged by fresh outputs.

    What was under way before a restart or a power cut is done, comes again or has failed. Asking
    twice gives the same. Raises Invalid, TooLarge over BEARMAN_INVENTORY_MAX_BYTES, or Conflict
    for a machine that has not registered or is in a status that does not register.
    """
    _require_size(raw, mc_info)
    inventory, bmc_version = inventory_parse(raw), parse_mc_info(mc_info)[:TEXT]
    report_count(caller)
    with transaction.atomic():
        node = firmware_node(caller)
        Node.objects.filter(pk=node.pk).update(bmc_version=bmc_version)
        components = _components(inventory, bmc_version)
        found, updates = _all(node, components, caller)
        findings_replace(node_id=node.pk, source=FindingSource.FIRMWARE, found=found)
        boot_checked(caller=caller, what="firmware")
        verdict = firmware_verdict(node=node, found=found)
        if not verdict.passed:
            canaries_release(node_id=node.pk)
    return FirmwarePlan(updates if verdict.passed else [], found, verdict)


def _require_size(raw: RawOutputs, mc_info: bytes) -> None:
    size, limit = raw.size() + len(mc_info), settings.INVENTORY_MAX_BYTES
    if size > limit:
        raise TooLarge(
            f"The inventory has {size} bytes; at most {limit} are taken.",
            issue=registration.INVENTORY_TOO_LARGE,
        )


def _components(inventory: Inventory, bmc_version: str) -> list[Component]:
    drivers = inventory.drivers
    return components_of(
        bios_version=inventory.system.bios_version or "",
        bios_date=inventory.system.bios_date,
        bmc_version=bmc_version,
        nics=[
            NicFacts(
                nic.name,
                drivers[nic.name].driver or "" if nic.name in drivers else "",
                drivers[nic.name].firmware_version or "" if nic.name in drivers else "",
                drivers[nic.name].bus_info or "" if nic.name in drivers else "",
            )
            for nic in inventory.nics
        ],
        disks=[
            DiskFacts(disk.name, disk.model or "", disk.revision or "") for disk in inventory.disks
        ],
    )


def _all(
    node: Node, components: Sequence[Component], caller: BootCaller
) -> tuple[list[Found], list[PlannedUpdate]]:
    found: list[Found] = []
    updates: list[PlannedUpdate] = []
    for baseline, component, contradicted in _pairs(node, components):
        if contradicted:
            found.append(contradicted)
            continue
        settled: Settled = settle(node=node, baseline=baseline, component=component, caller=caller)
        if settled.found:
            found.append(settled.found)
        if settled.row:
            read_first = baseline.read_with == ReadWith.TOOL
            file = baseline.artefact  # None for a command that needs none
            url = storage.url(file.path) if file else ""
            updates.append(PlannedUpdate(settled.row, url, read_first))
    return worst_first(found), updates


def baselines_for(vendor: str, product: str) -> list[FirmwareBaseline]:
    """Return the baselines that are looked at for machines of this kind, in the safe order."""
    rows = FirmwareBaseline.objects.exclude(mode=FirmwareMode.OFF)
    fitting = [row for row in rows if row.rule.fits(vendor, product)]
    return sorted(
        fitting,
        key=lambda row: (SAFE_ORDER.index(ComponentKind(row.component)), row.position, row.name),
    )


def _pairs(
    node: Node, components: Sequence[Component]
) -> Iterator[tuple[FirmwareBaseline, Component, Found | None]]:
    """Yield each baseline with each component that it is for, and where it is contradicted."""
    first: dict[tuple[ComponentKind, str], FirmwareBaseline] = {}
    for baseline in baselines_for(node.vendor, node.product_name):
        rule = baseline.rule
        for component in filter(rule.picks, components):
            place = (component.kind, component.target)
            other = first.setdefault(place, baseline) if rule.exact else baseline
            if other is baseline or other.rule.standing(rule.wanted) is Standing.GOOD:
                yield baseline, component, None
                continue
            words = (
                f"{component.title}: baseline {other} wants exactly {other.wanted}, and {baseline} "
                f"wants exactly {baseline.wanted}; {baseline} is not followed."
            )
            yield baseline, component, Found(issues.CONTRADICTION, component.subject, words)
