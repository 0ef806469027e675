"""The dialog that asks before something is done with deployments, and does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from baremetal import overview
from baremetal.admin.asked import Patience, chosen_of, keys_of, named, request_id_of, too_many
from baremetal.admin.permissions import CHANGE, VIEW, require
from baremetal.admin.verbs import Asked, Verb, verb_named
from baremetal.models import Baremetal
from baremetal.selectors import latest_of_operators, with_names
from baremetal.services.first import require_first
from bearman.lib.errors import BearmanError, Invalid, Unavailable
from profiles.models import Profile

if TYPE_CHECKING:
    from baremetal.admin.baremetal import BaremetalAdmin


@dataclass(slots=True)
class Target:
    """A deployment in the dialog: why it is left out, what was seen of it, and a refusal."""

    row: Baremetal
    why_not: str
    seen: int
    request_id: str
    refusal: str = ""


def verb_page(page: BaremetalAdmin, request: HttpRequest, name: str) -> HttpResponse:
    """Ask whether to do it (GET), or do it to each and tell what came of it (POST)."""
    require(request, VIEW, CHANGE)
    verb, keys = verb_named(name), keys_of(request, "baremetal")
    back = reverse("admin:baremetal_baremetal_changelist")
    if too_many(request, keys, "deployments"):
        return HttpResponseRedirect(back)
    refusals = _do(request, verb, keys) if request.method == "POST" else {}
    targets = _targets(request, verb, keys, refusals)
    if not targets or (request.method == "POST" and not refusals):
        if not targets:
            messages.warning(request, "Select deployments in this list first.")
        return HttpResponseRedirect(_row_url(keys[0]) if len(keys) == 1 and targets else back)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": f"{verb.label}: {_subject(targets)}",
        "question": f"{verb.label} {_subject(targets)}?",
        "verb": verb,
        "targets": targets,
        "ready": [target for target in targets if not target.why_not],
        "profiles": overview.profiles_by_name() if verb.takes_profile else [],
        "profile": request.POST.get("profile", ""),
        "back": _row_url(keys[0]) if len(keys) == 1 else back,
    }
    return TemplateResponse(request, "baremetal/admin/do.html", context)


def _do(request: HttpRequest, verb: Verb, keys: list[int]) -> dict[int, str]:
    """Do it to each row that was chosen, and return the refusals by row."""
    refusals, done = {}, []
    chosen = chosen_of(request, "baremetal").intersection(keys)
    patience = Patience()
    for row in _rows(sorted(chosen)):
        try:
            if patience.is_over():
                raise Unavailable("Not begun yet.", advice="Press the button again to go on.")
            _do_one(request, verb, row)
        except BearmanError as error:
            refusals[row.pk] = str(error)
        else:
            done.append(row)
    if len(done) == 1:
        messages.success(request, f"{done[0]} {verb.done}.")
    elif done:
        messages.success(request, f"{verb.label}: begun for {len(done)}: {named(done)}.")
    return refusals


def _do_one(request: HttpRequest, verb: Verb, row: Baremetal) -> None:
    actor = request.user.get_username()
    asked = Asked(actor, _profile(request, verb), request_id_of(request, row.pk))
    seen = request.POST.get(f"seen-{row.pk}", "")
    seen_event = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else 0
    require_first(row=row, seen=seen_event, actor=actor)
    try:
        verb.do(row, asked)
    except BearmanError:
        require_first(row=row, seen=seen_event, actor=actor)  # says who it was, if it was somebody
        raise


def _profile(request: HttpRequest, verb: Verb) -> Profile | None:
    key = request.POST.get("profile", "")
    if not verb.takes_profile or not key:
        return None
    found = Profile.objects.filter(pk=int(key)).first() if key.isdigit() else None
    if found is None:
        raise Invalid("That profile is gone.", advice="Choose another one.")
    return found


def _targets(
    request: HttpRequest, verb: Verb, keys: list[int], refusals: dict[int, str]
) -> list[Target]:
    seen = latest_of_operators(baremetal_ids=keys)
    return [
        Target(
            row=row,
            why_not=verb.why_not(row),
            seen=seen[row.pk].pk if row.pk in seen else 0,
            request_id=str(uuid4()),
            refusal=refusals.get(row.pk, ""),
        )
        for row in _rows(keys)
    ]


def _rows(keys: list[int]) -> list[Baremetal]:
    return list(with_names().filter(pk__in=keys).order_by("pk"))


def _row_url(key: int) -> str:
    return reverse("admin:baremetal_baremetal_change", args=[key])


def _subject(targets: list[Target]) -> str:
    return targets[0].row.hostname if len(targets) == 1 else f"{len(targets)} deployments"
