"""A profile rendered for an example machine, beside its form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string

from profiles import examples, formats, template
from profiles.admin.form import RENDERED, drafted, number
from profiles.examples import Example
from profiles.models import Profile
from profiles.services.preview import Preview, profile_preview

MOST_NODES = 50  # to choose from; `?node=ID` takes any
INVENTED = "0"  # chosen on purpose, where there are nodes
# What the install script finds in its environment; boot_scripts/README.md has them all.
ENVIRONMENT = (
    *("BEARMAN_HOSTNAME", "BEARMAN_DOMAIN", "BEARMAN_ADDRESS", "BEARMAN_PREFIX_LENGTH"),
    *("BEARMAN_GATEWAY", "BEARMAN_VLAN", "BEARMAN_LINKS", "BEARMAN_MACS", "BEARMAN_BOND_MODE"),
    *("BEARMAN_DNS", "BEARMAN_DISK", "BEARMAN_SSH_KEYS_FILE", "BEARMAN_DETAIL"),
    *("BEARMAN_MORE_ADDRESSES", "BEARMAN_ZONE", "BEARMAN_BAREMETAL_ID"),
)


def beside(request: HttpRequest, profile: Profile) -> dict[str, Any]:
    """Return what the form's page shows of a profile: the example, and what it gets."""
    nodes = _nodes(request)
    example = _example(request, nodes)
    if example.node_id is not None and example.node_id not in dict(nodes):
        nodes = [(example.node_id, example.name), *nodes]
    preview = profile_preview(profile=profile, facts=example.facts)
    return {
        "example": example,
        "nodes": nodes,
        "preview": preview,
        "variables": template.VARIABLES,
        "blocks": blocks(),
        "script_environment": ENVIRONMENT,
        **verdict(profile, preview),
    }


def answer(request: HttpRequest) -> JsonResponse:
    """Return the pieces of the page that change while somebody types, rendered anew."""
    profile = drafted(request.POST)
    example = _example(request, _nodes(request))
    preview = profile_preview(profile=profile, facts=example.facts)
    context = {"example": example, "preview": preview, **verdict(profile, preview)}
    return JsonResponse(
        {
            "append": _piece("append", context),
            "config": _piece("config", context),
            "image": _piece("image", context),
            "problems": {name: preview.problems.get(name, []) for name in RENDERED},
        }
    )


def example_for(request: HttpRequest) -> Example:
    """Return the machine that the operator chose, or the first that could be deployed."""
    return _example(request, _nodes(request, most=1))


def verdict(profile: Profile, preview: Preview) -> dict[str, Any]:
    """Return what there is to say of the configuration's files."""
    kind = profile.config_format
    return {
        "config_format": kind,
        "usual_body": "" if profile.config_body else formats.default_body(kind),
        "is_checked": bool(preview.files) and bool(preview.checker),
    }


def blocks() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return for each format the variables that only it has, with their meanings."""
    found = []
    for kind in formats.FORMATS:
        own = [
            pair for pair in formats.variables(kind).items() if pair[0] not in template.VARIABLES
        ]
        if own:
            found.append((kind, own))
    return found


def _piece(name: str, context: dict[str, Any]) -> str:
    return render_to_string(f"profiles/admin/rendered_{name}.html", context)


def _nodes(request: HttpRequest, most: int = MOST_NODES) -> list[tuple[int, str]]:
    """Return nodes to choose from, for who may look at nodes."""
    return examples.choices(most) if request.user.has_perm("nodes.view_node") else []


def _example(request: HttpRequest, nodes: list[tuple[int, str]]) -> Example:
    chosen = request.POST.get("example") or request.GET.get("node")
    if not request.user.has_perm("nodes.view_node") or chosen == INVENTED:
        return examples.example_of(None)
    asked = number(chosen)
    if asked is not None:
        return examples.example_of(asked)
    return examples.example_of(nodes[0][0] if nodes else None)
