"""What the dialog of a deployment does when its button is pressed."""

from __future__ import annotations

from django.http import HttpRequest

from baremetal.admin.asked import Patience, chosen_of, request_id_of
from baremetal.admin.candidates import Candidate, name_them
from baremetal.admin.deploy_form import DeployForm
from baremetal.models import Baremetal
from baremetal.selectors import with_names
from baremetal.services.deploy import baremetal_deploy
from bearman.lib.errors import BearmanError
from nodes.states import NodeStatus

MAX_REFUSAL = 2000  # characters kept of a sentence from one request to the next


def deploy_posted(
    request: HttpRequest, form: DeployForm, candidates: list[Candidate]
) -> list[Baremetal]:
    """Deploy what was chosen, and return all that has begun, in earlier requests of the dialog too.

    Refusals go to the candidates. Those for which there was no time wait for the next request.
    """
    begun = _begun_before(request)
    _take_over(request, candidates)
    if not any(candidate.chosen for candidate in candidates):
        form.add_error(None, "Choose at least one node that can be deployed.")
    try:
        name_them(candidates, form, _typed(request, candidates))
    except BearmanError as error:
        form.add_error("hostname", str(error))
    if not form.is_valid():
        return begun
    patience = Patience()
    for candidate in (candidate for candidate in candidates if candidate.chosen):
        candidate.waits = patience.is_over()
        row = None if candidate.waits else _deploy(request, form, candidate)
        begun += [row] if row is not None else []
    _untick_refused(candidates)
    return begun


def _begun_before(request: HttpRequest) -> list[Baremetal]:
    mine = with_names().filter(created_by=request.user.get_username())
    return list(mine.filter(pk__in=chosen_of(request, "begun")).order_by("pk"))


def _take_over(request: HttpRequest, candidates: list[Candidate]) -> None:
    chosen = chosen_of(request, "node")
    for candidate in candidates:
        key = candidate.node.pk
        candidate.chosen = key in chosen
        candidate.request_id = str(request_id_of(request, key))
        if candidate.chosen:
            candidate.why_not = ""  # the service says it, who was first too
        else:
            candidate.refusal = request.POST.get(f"refusal-{key}", "")[:MAX_REFUSAL]


def _typed(request: HttpRequest, candidates: list[Candidate]) -> dict[int, str]:
    """Return the host names of the rows, unless the pattern has changed without the rows."""
    if request.POST.get("hostname", "").strip() != request.POST.get("filled", "").strip():
        return {}
    keys = [candidate.node.pk for candidate in candidates]
    return {key: request.POST.get(f"hostname-{key}", "").strip()[:80] for key in keys}


def _deploy(request: HttpRequest, form: DeployForm, candidate: Candidate) -> Baremetal | None:
    try:
        row = baremetal_deploy(
            node=candidate.node,
            profile=form.cleaned_data["profile"],
            actor=request.user.get_username(),
            hostname=candidate.hostname,
            ssh_keys=form.keys,
            request_id=request_id_of(request, candidate.node.pk),
        )
    except BearmanError as error:
        candidate.refusal = str(error)
        if not _is_free(candidate):
            candidate.why_not, candidate.chosen = candidate.refusal, False
        return None
    candidate.live, candidate.chosen = row, False
    candidate.why_not = f"It is being deployed as {row.hostname}."
    return row


def _is_free(candidate: Candidate) -> bool:
    candidate.node.refresh_from_db(fields=["status"])
    return candidate.node.status == NodeStatus.READY


def _untick_refused(candidates: list[Candidate]) -> None:
    """Leave out what was refused while others wait; in the end all of it may be tried again."""
    waiting = any(candidate.waits for candidate in candidates)
    for candidate in candidates:
        if candidate.refusal and not candidate.why_not:
            candidate.chosen = not waiting
