"""The card on a node's page that shows its cables: wanted beside seen."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

from bearman.lib.issues import Severity, issue_or_none
from bearman.pages import NOTHING, badge
from nodes.admin import cards
from nodes.models import LinkState, Node
from nodes.wiring.case import gigabits
from nodes.wiring.names import same_port, same_switch

_TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "calm"}


def wiring_card(request: HttpRequest, node: Node) -> dict[str, Any]:
    """Return the links as they were seen last; the findings have a card of their own."""
    links = list(LinkState.objects.filter(node=node))
    return {
        "rows": [_row(link) for link in links],
        "seen_at": max((link.seen_at for link in links), default=None),
    }


def _row(link: LinkState) -> dict[str, Any]:
    as_wanted = same_switch(link.wanted_switch, link.switch) and same_port(
        link.wanted_port, link.port
    )
    issue = issue_or_none(link.issue)
    return {
        "link": link,
        "speed": gigabits(link.speed_mbps) if link.speed_mbps else NOTHING,
        "light": _light(link),
        "differs": bool(link.wanted_switch) and bool(link.switch) and not as_wanted,
        "verdict": _verdict(link),
        "title": issue.title if issue else "",
    }


def _light(link: LinkState) -> str:
    levels: Sequence[tuple[str, float | None]] = (("out", link.tx_dbm), ("in", link.rx_dbm))
    known = [f"{name} {level:.1f}" for name, level in levels if level is not None]
    return f"{', '.join(known)} dBm" if known else ""


def _verdict(link: LinkState) -> SafeString:
    if link.issue:
        return _badge(link.issue)
    if link.wanted_switch:
        return badge("as planned", "good")
    if link.carrier:
        return badge("link", "mute", title="The plan names no port for it.")
    return badge("no link", "mute", title="The plan names no port for it.")


def _badge(code: str) -> SafeString:
    issue = issue_or_none(code)
    if issue is None:
        return badge(code, "mute")
    return badge(code, _TONES[issue.severity], title=issue.title)


cards.register("nodes/admin/node_wiring.html", wiring_card, wide=True)
