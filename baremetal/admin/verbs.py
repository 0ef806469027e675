"""What an operator can do with deployments: each verb asks first, for one or a selection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from baremetal.admin.asked import MOST_AT_ONCE
from baremetal.admin.permissions import CHANGE
from baremetal.models import Baremetal
from baremetal.services.deploy import baremetal_redeploy
from baremetal.services.release import baremetal_release
from baremetal.states import BaremetalState
from bearman.lib.errors import Conflict
from profiles.models import Profile

_S = BaremetalState
AT_REST = frozenset({_S.INSTALLED, _S.UNRECOVERABLE_ERROR})
STARTING = frozenset({_S.DEPLOY_START, _S.DEPLOYING})


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, what for, and the name of the request."""

    actor: str
    profile: Profile | None
    request_id: UUID


@dataclass(frozen=True, slots=True)
class Verb:
    """A button on a deployment's page, and an action on the list; `states` are where it applies."""

    name: str
    label: str
    symbol: str
    states: frozenset[BaremetalState]
    warning: str
    done: str
    call: Callable[[Baremetal, Asked], object]
    takes_profile: bool = False

    def why_not(self, row: Baremetal) -> str:
        """Return why it does not apply to a deployment; empty where it does."""
        if row.state in self.states:
            return ""
        hints = {_S.RELEASING: "it is being taken back", _S.RELEASED: "it is history"}
        hint = hints.get(_S(row.state)) or _OTHERS[self.name]
        return f"{row.hostname} is {row.state}: {hint}."

    def do(self, row: Baremetal, asked: Asked) -> None:
        """Do it; raises what the service raises, and Conflict where it does not apply."""
        done_already = row.request_id == asked.request_id or (
            row.state == _S.RELEASING and not self.takes_profile
        )
        if row.state not in self.states and not done_already:
            raise Conflict(self.why_not(row))
        self.call(row, asked)


_OTHERS = {
    "redeploy": "wait for its end, or cancel it",
    "release": "it is under way; cancel it instead",
    "cancel": "nothing is under way; release it instead",
}


def _release(row: Baremetal, asked: Asked) -> object:
    return baremetal_release(row=row, actor=asked.actor)


def _redeploy(row: Baremetal, asked: Asked) -> object:
    return baremetal_redeploy(
        row=row, profile=asked.profile, actor=asked.actor, request_id=asked.request_id
    )


_TAKEN_BACK = (
    "The machine's power is cut at once. Its addresses go back to IPman, and its node is READY for "
    "somebody else. What it has in memory is lost; its disks are not erased."
)
VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb(
            name="redeploy",
            label="Redeploy",
            symbol="refresh",
            states=AT_REST,
            warning="The machine's power is cut at once, and it is deployed anew. Host name and "
            "addresses stay. What it has in memory is lost.",
            done="is being deployed anew",
            call=_redeploy,
            takes_profile=True,
        ),
        Verb(
            name="release",
            label="Release",
            symbol="eject",
            states=AT_REST,
            warning=_TAKEN_BACK,
            done="is being released",
            call=_release,
        ),
        Verb(
            name="cancel",
            label="Cancel deployment",
            symbol="cancel",
            states=STARTING,
            warning=f"The deployment ends where it is. {_TAKEN_BACK}",
            done="is being taken back",
            call=_release,
        ),
    )
}


def verb_named(name: str) -> Verb:
    """Return a verb; raises Http404."""
    if name not in VERBS:
        raise Http404(f"Nothing like {name[:40]} can be done with a deployment.")
    return VERBS[name]


def url_of(verb: Verb, keys: list[int]) -> str:
    """Return the address of a verb's dialog for some deployments."""
    page = reverse("admin:baremetal_baremetal_do", args=[verb.name])
    return f"{page}?{urlencode([('baremetal', key) for key in keys])}"


def buttons_of(request: HttpRequest, row: Baremetal) -> list[tuple[Verb, str]]:
    """Return the verbs that apply to a deployment, each with the address of its dialog."""
    if not request.user.has_perm(CHANGE):
        return []
    return [(verb, url_of(verb, [row.pk])) for verb in VERBS.values() if not verb.why_not(row)]


def selected(verb: Verb) -> Callable[..., HttpResponse | None]:
    """Return the list's action for a verb, which leads to its dialog."""

    def act(page: object, request: HttpRequest, rows: QuerySet[Baremetal]) -> HttpResponse | None:
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if len(keys) > MOST_AT_ONCE:
            messages.error(request, f"Select at most {MOST_AT_ONCE} deployments at once.")
            return None
        return HttpResponseRedirect(url_of(verb, keys))

    return act
