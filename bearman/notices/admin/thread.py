"""The pages on threads: what failed together, and what people were told of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from bearman.notices.admin.told import ToldAdmin
from bearman.notices.labels import KINDS, channel_titles, state_badge, thread_badge, trouble_badge
from bearman.notices.models import Notice, Thread
from bearman.notices.states import Kind
from bearman.pages import ago, cut

MOST = 200  # of a thread's troubles that its page lists


class Going(admin.SimpleListFilter):
    """Whether somebody is still needed."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the two states."""
        return [("open", "Open"), ("resolved", "Resolved")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Thread]) -> QuerySet[Thread]:
        """Return the threads in the chosen one."""
        if self.value() not in ("open", "resolved"):
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "open")


@admin.register(Thread)
class ThreadAdmin(ToldAdmin[Thread]):
    """Failures of one cause, newest first; each leads to who was told of what."""

    list_display = ("what", "state", "cause_cell", "count", "opened", "last")
    list_display_links = ("what",)
    list_filter = (Going,)
    search_fields = ("code", "cause")
    search_help_text = "Code or cause"
    ordering = ("-id",)
    fields = ()
    change_form_template = "notices/admin/thread.html"
    nothing_title = "Nothing had to be told yet"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Thread]:
        """Return all threads, with their numbers."""
        ended = Count("troubles", filter=Q(troubles__ended_at__isnull=False))
        return super().get_queryset(request).annotate(failed=Count("troubles"), ended=ended)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one thread: who is in it, and the messages."""
        found = self.get_object(request, object_id or "")
        context = {} if found is None else _details(found)
        return super().changeform_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    @admin.display(description="what", ordering="code")
    def what(self, thread: Thread) -> SafeString | str:
        """Return code and title."""
        return cut(str(thread), 80)

    @admin.display(description="state", ordering="closed_at")
    def state(self, thread: Thread) -> SafeString:
        """Return whether somebody is still needed."""
        return thread_badge(thread)

    @admin.display(description="in common", ordering="cause")
    def cause_cell(self, thread: Thread) -> SafeString | str:
        """Return what they have in common."""
        return cut(thread.cause, 40)

    @admin.display(description="how many")
    def count(self, thread: Thread) -> str:
        """Return how many, and how many of them are left."""
        failed, ended = getattr(thread, "failed", 0), getattr(thread, "ended", 0)
        words = f"{failed:,} {thread.noun}{'' if failed == 1 else 's'}"
        return words if ended == failed else f"{words}, {failed - ended:,} open"

    @admin.display(description="first", ordering="opened_at")
    def opened(self, thread: Thread) -> SafeString | str:
        """Return when the first of them failed."""
        return ago(thread.opened_at)

    @admin.display(description="last", ordering="last_at")
    def last(self, thread: Thread) -> SafeString | str:
        """Return when the last of them failed."""
        return ago(thread.last_at)


def _details(thread: Thread) -> dict[str, Any]:
    """Return what the page of a thread shows."""
    troubles = list(thread.troubles.order_by("pk")[:MOST])
    rows = [(trouble, trouble.facts, trouble_badge(trouble)) for trouble in troubles]
    titles = channel_titles()
    notices = Notice.objects.filter(conversation__thread=thread).select_related("conversation")
    messages = [
        (notice, titles.get(notice.conversation.channel, notice.conversation.channel))
        for notice in notices.order_by("pk")[:MOST]
    ]
    return {
        "title": str(thread),
        "thread": thread,
        "badge": thread_badge(thread),
        "rows": rows,
        "more": max(0, thread.troubles.count() - len(rows)),
        "notices": [
            (notice, title, KINDS[Kind(notice.kind)], state_badge(notice))
            for notice, title in messages
        ],
    }
