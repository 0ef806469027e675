"""What the pages on messages to people have in common."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from bearman.admin import ReadOnlyAdmin
from bearman.admin.base import M
from bearman.notices.admin.overview import channels_now
from bearman.notices.channels.configured import wanted


class ToldAdmin(ReadOnlyAdmin[M]):
    """A list under how the channels do; empty, it says how to configure one or that all is well."""

    list_before_template = "notices/admin/channels.html"
    nothing_title = ""  # of an empty list where people are told of what fails

    @property
    def empty_title(self) -> str:  # type: ignore[override]
        """Return what an empty list is called."""
        return self.nothing_title if wanted() else "Nobody is told of what fails"

    @property
    def empty_template(self) -> str:  # type: ignore[override]
        """Return what an empty list says."""
        return "notices/admin/well.html" if wanted() else "notices/admin/configure.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under how the channels do."""
        return super().changelist_view(request, {**channels_now(), **(extra_context or {})})
