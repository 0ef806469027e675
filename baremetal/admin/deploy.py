"""The dialog that puts a profile on nodes: one of them, or a selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from baremetal.admin.asked import keys_of, named, too_many
from baremetal.admin.candidates import Candidate, candidates_of, name_them
from baremetal.admin.deploy_form import DeployForm
from baremetal.admin.deploy_post import deploy_posted
from baremetal.admin.permissions import ADD, require
from baremetal.hostnames import USUAL
from baremetal.models import Baremetal
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
    if request.method != "POST":
        name_them(candidates, form, {})
        return _dialog(page, request, form, candidates, [])
    done = deploy_posted(request, form, candidates)
    if done and form.is_valid() and not any(c.refusal or c.waits for c in candidates):
        return HttpResponseRedirect(_after(request, done))
    return _dialog(page, request, form, candidates, done)


def _form(request: HttpRequest, candidates: list[Candidate]) -> DeployForm:
    if request.method == "POST":
        return DeployForm(request.POST)
    one = len(candidates) == 1
    pattern = f"node-{candidates[0].node.pk}" if one else USUAL
    return DeployForm(initial={"hostname": pattern})


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
    begun = {row.node_id for row in done}
    lacking = {str(c.node.zone) for c in candidates if c.pools == [] and c.node.zone}
    one = candidates[0].node if len(candidates) == 1 else None
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": f"Deploy {one or f'{len(candidates)} nodes'}",
        "form": form,
        "one": one,
        "ready": ready,
        "left_out": [c for c in candidates if c.why_not and c.node.pk not in begun],
        "done": done,
        "waiting": sum(candidate.waits for candidate in candidates),
        "has_profiles": Profile.objects.exists(),
        "zones_without_pool": sorted(lacking),
        "has_keys_by_setting": bool(settings.SSH_KEYS.strip()),
        "back": reverse("admin:nodes_node_change", args=[one.pk])
        if one
        else reverse("admin:nodes_node_changelist"),
    }
    return TemplateResponse(request, "baremetal/admin/deploy.html", context)
