"""The dialog that puts a profile on nodes: one of them, or a selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from baremetal.admin.asked import chosen_of, keys_of, named, request_id_of, too_many
from baremetal.admin.candidates import Candidate, candidates_of, name_them
from baremetal.admin.deploy_form import DeployForm
from baremetal.admin.permissions import ADD, require
from baremetal.hostnames import USUAL
from baremetal.models import Baremetal
from baremetal.services.deploy import baremetal_deploy
from bearman.lib.errors import BearmanError
from nodes.states import NodeStatus
from profiles.models import Profile

if TYPE_CHECKING:
    from baremetal.admin.baremetal import BaremetalAdmin


def deploy_page(page: BaremetalAdmin, request: HttpRequest) -> HttpResponse:
    """Ask what to deploy (GET), or deploy it node by node and tell what came of it (POST).

    What is refused comes back in the dialog as it was typed, with the sentence beside the node.
    """
    require(request, ADD, "nodes.view_node")
    keys = keys_of(request, "node")
    nodes = f"{reverse('admin:nodes_node_changelist')}?status__exact={NodeStatus.READY}"
    if too_many(request, keys, "nodes"):
        return HttpResponseRedirect(nodes)
    candidates = candidates_of(keys)
    if not candidates:
        messages.info(request, "Select READY nodes in this list, and the action Deploy.")
        return HttpResponseRedirect(nodes)
    form = _form(request, candidates)
    done = _post(request, form, candidates) if request.method == "POST" else _get(form, candidates)
    if done and not any(candidate.refusal for candidate in candidates):
        return HttpResponseRedirect(_after(request, done))
    return _dialog(page, request, form, candidates, done)


def _form(request: HttpRequest, candidates: list[Candidate]) -> DeployForm:
    if request.method == "POST":
        return DeployForm(request.POST)
    one = len(candidates) == 1
    pattern = f"node-{candidates[0].node.pk}" if one else USUAL
    return DeployForm(initial={"hostname": pattern, "filled": pattern})


def _get(form: DeployForm, candidates: list[Candidate]) -> list[Baremetal]:
    name_them(candidates, form, {})
    return []


def _post(request: HttpRequest, form: DeployForm, candidates: list[Candidate]) -> list[Baremetal]:
    """Deploy those that were chosen, and return the rows; refusals go to the candidates."""
    chosen = chosen_of(request, "node")
    for candidate in candidates:
        candidate.chosen = candidate.node.pk in chosen
        candidate.request_id = str(request_id_of(request, candidate.node.pk))
        if candidate.chosen:
            candidate.why_not = ""  # the service says it, who was first too
    if not any(candidate.chosen for candidate in candidates):
        form.add_error(None, "Choose at least one node that can be deployed.")
    try:
        name_them(candidates, form, _typed(request, candidates))
    except BearmanError as error:
        form.add_error("hostname", str(error))
    if not form.is_valid():
        return []
    wanted = [candidate for candidate in candidates if candidate.chosen]
    return [row for row in (_deploy(request, form, one) for one in wanted) if row is not None]


def _deploy(request: HttpRequest, form: DeployForm, candidate: Candidate) -> Baremetal | None:
    profile: Profile | None = form.cleaned_data["profile"]
    try:
        row = baremetal_deploy(
            node=candidate.node,
            profile=profile,
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


def _typed(request: HttpRequest, candidates: list[Candidate]) -> dict[int, str]:
    """Return the host names of the rows, unless the pattern has changed without the rows."""
    if request.POST.get("hostname", "").strip() != request.POST.get("filled", "").strip():
        return {}
    keys = [candidate.node.pk for candidate in candidates]
    return {key: request.POST.get(f"hostname-{key}", "").strip()[:80] for key in keys}


def _after(request: HttpRequest, done: list[Baremetal]) -> str:
    if len(done) == 1:
        messages.success(request, f"{done[0]} is being deployed. This page follows it.")
        return reverse("admin:baremetal_baremetal_change", args=[done[0].pk])
    messages.success(request, f"{len(done)} nodes are being deployed: {named(done)}.")
    return reverse("admin:baremetal_baremetal_changelist")


def _dialog(
    page: BaremetalAdmin,
    request: HttpRequest,
    form: DeployForm,
    candidates: list[Candidate],
    done: list[Baremetal],
) -> TemplateResponse:
    ready = [candidate for candidate in candidates if not candidate.why_not]
    lacking = {str(c.node.zone) for c in candidates if c.pools == [] and c.node.zone}
    one = candidates[0].node if len(candidates) == 1 else None
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": f"Deploy {one or f'{len(candidates)} nodes'}",
        "form": form,
        "one": one,
        "ready": ready,
        "left_out": [candidate for candidate in candidates if candidate.why_not],
        "done": done,
        "has_profiles": Profile.objects.exists(),
        "zones_without_pool": sorted(lacking),
        "has_keys_by_setting": bool(settings.SSH_KEYS.strip()),
        "back": reverse("admin:nodes_node_change", args=[one.pk])
        if one
        else reverse("admin:nodes_node_changelist"),
    }
    return TemplateResponse(request, "baremetal/admin/deploy.html", context)
