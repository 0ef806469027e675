"""Background work, to look at; procrastinate itself writes it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from procrastinate.contrib.django.models import ProcrastinateJob

from bearman.admin.base import ReadOnlyAdmin
from bearman.pages import ago, badge, code, cut

_TONES = {"todo": "calm", "doing": "busy", "succeeded": "good", "failed": "bad"}
MAX_ARGUMENTS = 4000  # characters shown


class JobAdmin(ReadOnlyAdmin[ProcrastinateJob]):
    """Jobs in the queue and those that were done, newest first."""

    list_display = ("id", "task", "state", "arguments_short", "attempts", "latest")
    list_filter = ("status", "task_name")
    ordering = ("-id",)
    fields = (
        *("id", "task_name", "state", "arguments", "attempts", "scheduled_at"),
        *("queue_name", "lock", "queueing_lock", "what_happened"),
    )
    empty_title = "No background work yet"
    empty_advice = "Jobs appear here once the worker runs and something is due."

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProcrastinateJob]:
        """Return all jobs, with what happened to those of the page."""
        return super().get_queryset(request).prefetch_related("procrastinateevent_set")

    @admin.display(description="task", ordering="task_name")
    def task(self, job: ProcrastinateJob) -> SafeString | str:
        """Return the task's name."""
        return cut(job.task_name, 48)

    @admin.display(description="status", ordering="status")
    def state(self, job: ProcrastinateJob) -> SafeString:
        """Return the status as a label."""
        return badge(job.status, _TONES.get(job.status, "mute"))

    @admin.display(description="arguments")
    def arguments_short(self, job: ProcrastinateJob) -> SafeString | str:
        """Return the arguments on one line."""
        return code(json.dumps(job.args)[:80]) if job.args else code("")

    @admin.display(description="arguments")
    def arguments(self, job: ProcrastinateJob) -> SafeString:
        """Return the arguments, readable."""
        text = json.dumps(job.args, indent=2)[:MAX_ARGUMENTS]
        return format_html('<pre class="bm-pre">{}</pre>', text)

    @admin.display(description="latest")
    def latest(self, job: ProcrastinateJob) -> SafeString | str:
        """Return when something happened to it last."""
        return ago(max((event.at for event in _events(job) if event.at), default=None))

    @admin.display(description="what happened")
    def what_happened(self, job: ProcrastinateJob) -> SafeString:
        """Return its events, oldest first."""
        lines = ((event.type, ago(event.at)) for event in sorted(_events(job), key=lambda e: e.id))
        return format_html_join("", "<div>{}, {}</div>", lines)


def _events(job: ProcrastinateJob) -> list[Any]:
    return list(job.procrastinateevent_set.all())


def register(site: admin.AdminSite) -> None:
    """Put this page in place of procrastinate's own ones."""
    for model in list(site._registry):
        if model._meta.app_label == "procrastinate":
            site.unregister(model)
    site.register(ProcrastinateJob, JobAdmin)


register(admin.site)
