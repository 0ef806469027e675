"""The nodes of a deploy dialog: what each would get, or why it is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from django.db.models import Q

from baremetal import overview
from baremetal.admin.deploy_form import DeployForm
from baremetal.hostnames import names
from baremetal.models import Baremetal
from baremetal.selectors import live
from baremetal.services.prepare import require_fit
from bearman.lib.errors import BearmanError
from ipman.models import Pool
from nodes.models import Node
from nodes.states import MEANINGS, NodeStatus
from profiles.models import Image, Profile
from profiles.selectors import images_current


@dataclass(slots=True)
class Candidate:
    """A node in the dialog; `why_not` leaves it out, `refusal` is what the service said of it."""

    node: Node
    why_not: str = ""
    live: Baremetal | None = None
    hostname: str = ""
    taken: bool = False
    default: str = ""
    pools: list[Pool] | None = None
    chosen: bool = True
    request_id: str = ""
    refusal: str = ""
    waits: bool = False


def candidates_of(keys: list[int]) -> list[Candidate]:
    """Return the nodes with these numbers, each with why nothing can be deployed on it now."""
    nodes, pools = overview.deployable(keys), overview.service_pools()
    on_them = overview.live_by_node(keys)
    images = images_current()
    return [
        Candidate(
            node=node,
            live=on_them.get(node.pk),
            why_not=_why_not(node, on_them.get(node.pk), pools),
            default=_words(node.flavor.default_profile, images) if node.flavor else "",
            pools=None if pools is None or node.zone is None else pools.get(node.zone.name, []),
            request_id=str(uuid4()),
        )
        for node in nodes
    ]


def name_them(candidates: list[Candidate], form: DeployForm, typed: dict[int, str]) -> None:
    """Give those that were chosen a host name: the one that was typed for it, or by the pattern."""
    chosen = [candidate for candidate in candidates if candidate.chosen and not candidate.why_not]
    keys = [candidate.node.pk for candidate in chosen]
    made = names(pattern=form.pattern, node_ids=keys, first=form.first_number)
    for candidate in candidates:
        candidate.hostname = typed.get(candidate.node.pk, "")
    for candidate, name in zip(chosen, made, strict=True):
        candidate.hostname = candidate.hostname or name
    wanted = Q(hostname__in=[candidate.hostname.lower() for candidate in chosen])
    taken = set(live().filter(wanted).values_list("hostname", flat=True))
    for candidate in chosen:
        candidate.taken = candidate.hostname.lower() in taken


def _why_not(node: Node, on_it: Baremetal | None, pools: dict[str, list[Pool]] | None) -> str:
    if on_it is not None:
        return f"{on_it.created_by} has put profile {on_it.profile_name} on it."
    if node.status != NodeStatus.READY:
        return f"It is {node.status}, not READY. {MEANINGS[NodeStatus(node.status)]}"
    try:
        require_fit(node=node)
    except BearmanError as error:
        return str(error)
    if pools is not None and node.zone is not None and node.zone.name not in pools:
        return f"Zone {node.zone} has no pool of service addresses."
    return ""


def _words(profile: Profile | None, images: Mapping[str, Image]) -> str:
    if profile is None:
        return ""
    image = profile.held_image or images.get(profile.image_name) or f"no image {profile.image_name}"
    return f"{profile.name} v{profile.version}, {image}"
