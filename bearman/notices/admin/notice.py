"""The pages on messages: the outbox, with what an operator can do where one does not go out."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import each
from bearman.notices.admin.told import ToldAdmin
from bearman.notices.channels import plain
from bearman.notices.labels import KINDS, state_badge
from bearman.notices.models import Notice
from bearman.notices.services.operators import notice_again, notice_give_up
from bearman.notices.states import Kind, State
from bearman.notices.words import Content, document
from bearman.pages import ago, cut


@admin.register(Notice)
class NoticeAdmin(ToldAdmin[Notice]):
    """Messages in all channels, newest first."""

    list_display = ("made", "thread_link", "kind_cell", "channel", "state_cell", "tries", "error")
    list_display_links = ("made",)
    list_filter = ("state", "conversation__channel", "kind")
    list_select_related = ("conversation__thread", "trouble")
    ordering = ("-id",)
    actions = ("send_again", "give_up")
    fields = (
        *("thread_link", "channel", "kind_cell", "state_cell", "attempts", "made_at", "sent_at"),
        *("next_at", "last_error", "text"),
    )
    nothing_title = "No message was sent yet"

    def has_change_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        """Say whether messages may be sent again and given up; their words are never changed."""
        return obj is None and request.user.has_perm("notices.change_notice")

    @admin.action(description="Send again now", permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        """Have the selected messages tried at once; those that were given up, too."""
        done = each(request, list(queryset), lambda notice: notice_again(notice=notice))
        self._tell(request, done, "Sent again", "They go out within seconds if a worker runs.")

    @admin.action(description="Give up", permissions=["change"])
    def give_up(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        """Have the selected messages sent no more."""
        done = each(request, list(queryset), lambda notice: notice_give_up(notice=notice))
        self._tell(request, done, "Given up", "`Send again now` takes that back.")

    def _tell(self, request: HttpRequest, done: list[Notice], did: str, then: str) -> None:
        for notice in done:
            self.log_change(request, notice, f"{did}.")
        if done:
            count = f"{len(done)} message{'' if len(done) == 1 else 's'}"
            messages.success(request, f"{did}: {count}. {then}")

    @admin.display(description="made", ordering="id")
    def made(self, notice: Notice) -> SafeString | str:
        """Return when it was made."""
        return ago(notice.made_at)

    @admin.display(description="thread")
    def thread_link(self, notice: Notice) -> SafeString:
        """Return what it is about, as a link to the thread's page."""
        thread = notice.conversation.thread
        url = reverse("admin:notices_thread_change", args=[thread.pk])
        about = f"{thread}: {notice.trouble}" if notice.trouble else str(thread)
        return format_html('<a class="bm-link" href="{}">{}</a>', url, cut(about, 70))

    @admin.display(description="kind", ordering="kind")
    def kind_cell(self, notice: Notice) -> str:
        """Return what kind of message it is."""
        return KINDS[Kind(notice.kind)]

    @admin.display(description="channel", ordering="conversation__channel")
    def channel(self, notice: Notice) -> str:
        """Return the channel's name."""
        return notice.conversation.channel

    @admin.display(description="state", ordering="state")
    def state_cell(self, notice: Notice) -> SafeString:
        """Return where it is."""
        return state_badge(notice)

    @admin.display(description="attempts", ordering="attempts")
    def tries(self, notice: Notice) -> SafeString | str:
        """Return how many attempts there were, and when it went out."""
        if notice.state == State.SENT:
            return format_html("{}, {}", notice.attempts, ago(notice.sent_at))
        return str(notice.attempts)

    @admin.display(description="last error")
    def error(self, notice: Notice) -> SafeString | str:
        """Return what went wrong the last time."""
        return cut(notice.last_error, 80) if notice.state != State.SENT else ""

    @admin.display(description="text")
    def text(self, notice: Notice) -> SafeString:
        """Return what it says."""
        words = plain.text(document(Content.of_json(notice.payload)))
        return format_html('<pre class="bm-pre">{}</pre>', words)
