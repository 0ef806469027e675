"""The card on a node's page that shows its firmware: what it has beside what it must have."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils.safestring import SafeString

from bearman.pages import badge
from nodes.admin import cards, verbs
from nodes.firmware import Component
from nodes.firmware_labels import standing_badge, update_badge
from nodes.firmware_overview import components_known
from nodes.models import FirmwareBaseline, FirmwareUpdate, Node
from nodes.models.firmware import UPDATE_OPEN, FirmwareMode, UpdateState
from nodes.services.firmware_baselines import updates_again

NO_BASELINE = badge("no baseline", "mute", title="No baseline is for it.")
TOLD = (*UPDATE_OPEN, UpdateState.FAILED)  # states that say more than the version


@dataclass(frozen=True, slots=True)
class Row:
    """A component beside one baseline for it, if there is one."""

    component: Component
    has: str
    baseline: FirmwareBaseline | None
    update: FirmwareUpdate | None
    state: SafeString


def firmware_card(request: HttpRequest, node: Node) -> dict[str, Any]:
    """Return the components of a node as they were known last."""
    return {"rows": list(_rows(node))}


def _rows(node: Node) -> Iterator[Row]:
    every = FirmwareBaseline.objects.exclude(mode=FirmwareMode.OFF)
    baselines = [row for row in every if row.rule.fits(node.vendor, node.product_name)]
    prefetch_related_objects([node], "firmware_updates")  # the button asks for them again
    updates = {(row.baseline_id, row.target): row for row in node.firmware_updates.all()}
    for component in components_known(node):
        meant = [row for row in baselines if row.rule.picks(component)]
        if not meant:
            yield Row(component, component.version, None, None, NO_BASELINE)
        for baseline in meant:
            update = updates.get((baseline.pk, component.target))
            current = update if update and update.revision == baseline.revision else None
            yield _row(component, baseline, current)


def _row(component: Component, baseline: FirmwareBaseline, update: FirmwareUpdate | None) -> Row:
    version = baseline.rule.text(component.version, component.released)
    if update and update.state in TOLD:
        return Row(component, version, baseline, update, update_badge(update))
    return Row(
        component, version, baseline, update, standing_badge(baseline.rule.standing(version))
    )


def _has_failed(node: Node) -> bool:
    return any(row.state == UpdateState.FAILED for row in node.firmware_updates.all())


cards.register("nodes/admin/node_firmware.html", firmware_card, wide=True)
verbs.register(
    verbs.Verb(
        name="firmware_again",
        label="Try firmware again",
        symbol="memory",
        offered=_has_failed,
        call=lambda node, actor, note: updates_again(node=node, actor=actor),
        done="is given its failed firmware updates again when it boots",
    )
)
