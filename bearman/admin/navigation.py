"""The Admin's sidebar and its look, as django-unfold asks for them."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

# Group, then: title, Material symbol, model, and the permission where it is not the model's own.
_PAGES = (
    (
        "Machines",
        ("Nodes", "dns", "nodes_node"),
        ("Round-up", "checklist", "nodes_roundup", "nodes.view_node"),
        ("Expected", "local_shipping", "nodes_expectedmachine"),
        ("Identity desk", "fingerprint", "nodes_quarantinednode", "nodes.view_node"),
        ("Seen machines", "visibility", "nodes_bootrequest"),
        ("Enrolment", "how_to_reg", "nodes_enrolmentwindow"),
        ("Issues", "report", "nodes_issue", "nodes.view_node"),
        ("Events", "history", "nodes_nodeevent"),
        ("Power requests", "power_settings_new", "nodes_powerrequest", "nodes.view_node"),
    ),
    (
        "Wiring",
        ("Wiring plans", "schema", "nodes_wiringplan"),
        ("Cables", "cable", "nodes_cable"),
    ),
    (
        "Firmware",
        ("Baselines", "memory", "nodes_firmwarebaseline"),
        ("Updates", "system_update_alt", "nodes_firmwareupdate"),
    ),
    (
        "Deployments",
        ("Baremetals", "rocket_launch", "baremetal_baremetal"),
        ("Deployment events", "manage_history", "baremetal_baremetalevent"),
    ),
    (
        "Addresses",
        ("Pools", "lan", "ipman_pool"),
        ("Addresses", "tag", "ipman_address"),
    ),
    (
        "Booting",
        ("Profiles", "deployed_code", "profiles_profile"),
        ("Images", "album", "profiles_image"),
        ("Flavors", "category", "profiles_flavor"),
        ("Boot scripts", "terminal", "profiles_scriptrelease"),
        ("Zones", "location_on", "nodes_availabilityzone"),
    ),
    (
        "Operators",
        ("Users", "person", "auth_user"),
        ("Groups", "group", "auth_group"),
        ("Tokens", "key", "accounts_operatortoken"),
    ),
    (
        "Background work",
        ("Notices", "notifications", "notices_thread"),
        ("Messages", "outgoing_mail", "notices_notice"),
        ("Jobs", "work_history", "procrastinate_procrastinatejob"),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of pages that the operator may see."""
    start = {"title": "Dashboard", "icon": "space_dashboard", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"items": [start]}]
    for title, *pages in _PAGES:
        items = [_item(*page[:3]) for page in pages if _may_see(request, *page[2:])]
        if items:
            groups.append({"title": title, "separator": False, "items": items})
    _mark_active(groups, request.path)
    return groups


def _mark_active(groups: list[dict[str, Any]], path: str) -> None:
    """Mark the one page that the operator is on: some pages' addresses begin with another's."""
    items = [item for group in groups for item in group["items"]]
    around = [item["link"] for item in items[1:] if path.startswith(item["link"])]
    active = max(around, key=len, default=items[0]["link"] if path == items[0]["link"] else "")
    for item in items:
        item["active"] = item["link"] == active


def style(request: HttpRequest) -> str:
    """Return the address of Bearman's own style sheet."""
    return static("bearman/admin.css")


def icon(request: HttpRequest) -> str:
    """Return the address of the icon in the browser's tab."""
    return static("bearman/icon.svg")


def _item(title: str, symbol: str, page: str) -> dict[str, Any]:
    return {"title": title, "icon": symbol, "link": reverse(f"admin:{page}_changelist")}


def _may_see(request: HttpRequest, page: str, permission: str = "") -> bool:
    app, _, model = page.partition("_")
    may = getattr(request.user, "has_perm", lambda name: False)
    if permission:
        return bool(may(permission))
    return bool(may(f"{app}.view_{model}") or may(f"{app}.change_{model}"))
