"""The pages on when unknown machines may come in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from bearman.admin import BearmanAdmin
from bearman.pages import ago, badge, code
from nodes.models import EnrolmentWindow
from nodes.overview import enrolment_now
from nodes.services.enrolment import HOUR, window_close, window_delete, window_save


@admin.register(EnrolmentWindow)
class EnrolmentWindowAdmin(BearmanAdmin[EnrolmentWindow]):
    """When unknown machines of which network may register."""

    list_display = ("network_cell", "state", "opens", "closes", "note")
    fields = ("network", "opens_at", "closes_at", "note")
    actions = ("close_now",)
    list_before_template = "nodes/admin/seen_before.html"
    ordering = ("-closes_at",)
    empty_title = "Enrolment has no windows"
    empty_advice = (
        "Unknown machines may register only while enrolment is open for their network. Add a "
        "window for the hours in which machines are racked."
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose the hour from now."""
        now = timezone.now().replace(microsecond=0)
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        return {"opens_at": now, "closes_at": now + HOUR, **given}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under what enrolment is open for now."""
        return super().changelist_view(request, {**(extra_context or {}), **enrolment_now()})

    def save_model(
        self,
        request: HttpRequest,
        obj: EnrolmentWindow,
        form: ModelForm[EnrolmentWindow],
        change: bool,
    ) -> None:
        """Write the window."""
        window_save(window=obj)

    def delete_model(self, request: HttpRequest, obj: EnrolmentWindow) -> None:
        """Delete the window."""
        window_delete(window=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[EnrolmentWindow]) -> None:
        """Delete several."""
        for window in queryset:
            window_delete(window=window)

    @admin.action(description="Close now", permissions=["change"])
    def close_now(self, request: HttpRequest, queryset: QuerySet[EnrolmentWindow]) -> None:
        """End the windows that are open, and drop those to come."""
        windows = list(queryset)
        closed = [window for window in windows if window_close(window=window)]
        for window in closed:
            self.log_change(request, window, "Closed.")
        messages.success(request, f"Closed {len(closed)} of {len(windows)} windows.")

    @admin.display(description="network", ordering="network")
    def network_cell(self, window: EnrolmentWindow) -> SafeString | str:
        """Return the network."""
        return code(window.network)

    @admin.display(description="now")
    def state(self, window: EnrolmentWindow) -> SafeString:
        """Return whether it is open, over or to come."""
        now = timezone.now()
        if window.closes_at <= now:
            return badge("over", "mute")
        return badge("to come", "calm") if window.opens_at > now else badge("open", "good")

    @admin.display(description="opens", ordering="opens_at")
    def opens(self, window: EnrolmentWindow) -> SafeString | str:
        """Return when it opens."""
        return ago(window.opens_at)

    @admin.display(description="closes", ordering="closes_at")
    def closes(self, window: EnrolmentWindow) -> SafeString | str:
        """Return when it closes."""
        return ago(window.closes_at)
