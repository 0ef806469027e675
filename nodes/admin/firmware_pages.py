"""What is done with a firmware baseline besides its form: its file, and its canary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from bearman.admin import telling
from bearman.lib.errors import BearmanError, Invalid
from nodes.models import FirmwareBaseline
from nodes.models.firmware import CanaryState, FirmwareMode
from nodes.services.firmware_artefacts import artefact_store
from nodes.services.firmware_baselines import (
    baseline_save,
    baseline_stop,
    canary_again,
    canary_pass,
)

if TYPE_CHECKING:
    from nodes.admin.firmware import FirmwareBaselineAdmin


@dataclass(frozen=True, slots=True)
class Step:
    """A button of a baseline's page: what it is called, asks, does, and says afterwards."""

    name: str
    label: str
    symbol: str
    question: str
    call: Callable[[FirmwareBaseline], None]
    done: str
    offered: Callable[[FirmwareBaseline], bool]
    danger: bool = False


def _waits(baseline: FirmwareBaseline) -> bool:
    return baseline.mode == FirmwareMode.CANARY and baseline.canary_state != CanaryState.PASSED


STEPS = {
    step.name: step
    for step in (
        Step(
            "all",
            "Go on to all",
            "fast_forward",
            "Every node that is behind is updated when it registers next, whatever the canary did.",
            lambda baseline: canary_pass(baseline=baseline),
            "goes on to all nodes",
            _waits,
        ),
        Step(
            "again",
            "Another canary",
            "restart_alt",
            "The next node that registers and is behind tries the update first.",
            lambda baseline: canary_again(baseline=baseline),
            "waits for another canary",
            lambda baseline: _waits(baseline) and baseline.canary_id is not None,
        ),
        Step(
            "stop",
            "Stop",
            "stop_circle",
            "The baseline is switched off: no update begins from now on. One that runs on a "
            "machine goes on. Set the mode again to undo this.",
            lambda baseline: baseline_stop(baseline=baseline),
            "is off",
            lambda baseline: baseline.mode != FirmwareMode.OFF,
            danger=True,
        ),
    )
}


def steps_of(baseline: FirmwareBaseline) -> list[Step]:
    """Return the buttons that make sense for a baseline as it is."""
    return [step for step in STEPS.values() if step.offered(baseline)]


def step_page(
    page: FirmwareBaselineAdmin, request: HttpRequest, pk: int, name: str
) -> HttpResponse:
    """Ask whether to do one of the steps (GET), or do it (POST)."""
    baseline, step = _baseline(page, request, pk), STEPS.get(name)
    if step is None:
        raise Http404(f"Nothing like {name} can be done with a baseline.")
    if request.method != "POST":
        context = {"step": step, "title": f"{step.label}: {baseline}"}
        return _page(page, request, baseline, "nodes/admin/firmware_ask.html", context)
    with telling(request):
        step.call(baseline)
        page.log_change(request, baseline, f"{step.label}.")
        messages.success(request, f"{baseline} {step.done}.")
    return _back(baseline)


def file_page(page: FirmwareBaselineAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the file that a baseline applies (GET), or take it (POST)."""
    baseline = _baseline(page, request, pk)
    if request.method == "POST":
        try:
            _take(page, request, baseline)
        except BearmanError as error:
            messages.error(request, str(error))
        else:
            return _back(baseline)
    context = {"title": f"File of {baseline}"}
    return _page(page, request, baseline, "nodes/admin/firmware_file.html", context)


def _take(page: FirmwareBaselineAdmin, request: HttpRequest, baseline: FirmwareBaseline) -> None:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("Choose a file first.")
    artefact = artefact_store(
        baseline=baseline.name,
        name=str(file.name),
        file=file,
    )
    told = str(request.POST.get("sha256", "")).strip().lower()
    if told and told != artefact.sha256:
        raise Invalid(
            f"The SHA-256 of {file.name} is {artefact.sha256}, which is not the given one.",
            advice="Fetch the file from the vendor again.",
        )
    baseline.refresh_from_db()  # somebody may have stopped it while the file was stored
    baseline.artefact_path, baseline.artefact_size = artefact.path, artefact.size
    baseline.artefact_sha256 = artefact.sha256
    baseline_save(baseline=baseline)
    page.log_change(request, baseline, f"File {file.name}, SHA-256 {artefact.sha256}.")
    messages.success(request, f"{baseline} applies {file.name} from now on.")


def _baseline(page: FirmwareBaselineAdmin, request: HttpRequest, pk: int) -> FirmwareBaseline:
    baseline = page.get_object(request, str(pk))
    if baseline is None:
        raise Http404(f"There is no firmware baseline {pk}.")
    if not page.has_change_permission(request, baseline):
        raise PermissionDenied
    return baseline


def _page(
    page: FirmwareBaselineAdmin,
    request: HttpRequest,
    baseline: FirmwareBaseline,
    template: str,
    context: Mapping[str, object],
) -> TemplateResponse:
    shared = page.admin_site.each_context(request)
    more = {"opts": page.opts, "original": baseline, "baseline": baseline}
    return TemplateResponse(request, template, {**shared, **more, **context})


def _back(baseline: FirmwareBaseline) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:nodes_firmwarebaseline_change", args=[baseline.pk]))
