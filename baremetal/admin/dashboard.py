"""The first page: what nodes has to say, and the deployments."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from baremetal import overview
from baremetal.admin.permissions import VIEW
from baremetal.labels import tone_of
from baremetal.states import MEANINGS
from nodes.admin import dashboard as nodes
from profiles.selectors import no_stage_one

ATTENTION = 8
VIEW_IMAGE = "profiles.view_image"


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the context of the Admin's index what the operator may see (django-unfold's hook)."""
    context = nodes.dashboard(request, context)
    return {
        **context,
        "deployments": _deployments() if request.user.has_perm(VIEW) else None,
        "no_stage_one": no_stage_one() if request.user.has_perm(VIEW_IMAGE) else "",
    }


def _deployments() -> dict[str, Any]:
    counts = overview.state_counts()
    rows = reverse("admin:baremetal_baremetal_changelist")
    tiles: list[tuple[str, int, str, str, str]] = [
        (state, count, tone_of(state), MEANINGS[state], f"{rows}?state={state}")
        for state, count in counts.states.items()
    ]
    tiles.append(("late", counts.late, "warn", "Past its deadline, or silent", f"{rows}?late=yes"))
    return {"tiles": tiles, "attention": overview.needing_attention(ATTENTION)}
