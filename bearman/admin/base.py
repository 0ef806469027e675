"""What all of Bearman's Admin pages have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import capfirst

from bearman.admin.pagination import BoundedPaginator
from bearman.lib.errors import BearmanError
from bearman.pages import NOTHING

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as UnfoldAdmin
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.admin import ModelAdmin
    from unfold.views import ChangeList

    class UnfoldAdmin(ModelAdmin):
        """Unfold's, which may be written with its model in brackets for the type checker."""

        def __class_getitem__(cls, model: object) -> type:
            return cls


class BoundedChangeList(ChangeList):
    """A list whose only count is the paginator's, which knows what it does not know."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page."""
        super().get_results(request)
        self.full_result_count = self.result_count
        if not self.multi_page:  # Django would search the table once more
            self.result_list = self.paginator.page(1).object_list


class BearmanAdmin(UnfoldAdmin[M]):
    """Pages that call one service each, and say in a message what a service refuses.

    A subclass writes through services in `save_model` and `delete_model`; where they raise a
    BearmanError, a form comes back as it was filled in, with the sentence on top.
    """

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    list_fullwidth = True
    compressed_fields = True
    warn_unsaved_form = True
    empty_value_display = NOTHING
    # What a list without rows says: what it is for, and what to do next.
    empty_title = ""
    empty_advice = ""
    empty_template = ""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the class of the list."""
        return BoundedChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, or run an action on it."""
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        try:
            return super().changelist_view(request, {**title, **(extra_context or {})})
        except BearmanError as error:
            refuse(request, error)
            return HttpResponseRedirect(request.path)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or take the form; what a service refuses comes back as the form's error."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except BearmanError as error:
            request.refusal = error  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[M]]:
        """Return the form class; after a refusal, one that says it."""
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return form if refusal is None else _refused(form, refusal)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Return the page of a row, with what `page_context` adds to it."""
        row = kwargs.get("obj")
        more = self.page_context(request, row) if row is not None else {}
        return super().render_change_form(request, context | more, *args, **kwargs)

    def page_context(self, request: HttpRequest, row: M) -> dict[str, Any]:
        """Return what the page of a row shows besides its form; a subclass says."""
        return {}

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for confirmation, then delete."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except BearmanError as error:
            refuse(request, error)
            return HttpResponseRedirect(request.path)

    @staticmethod
    def named_only(objs: Any) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Return for `get_deleted_objects` the rows alone, without all that hangs on them."""
        rows: list[Model] = list(objs)
        words = {str(type(row)._meta.verbose_name_plural): len(rows) for row in rows[:1]}
        return [str(row) for row in rows], words, set(), []


class ReadOnlyAdmin(BearmanAdmin[M]):
    """Pages on what only the system writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return false: nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Return false: nobody changes one by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Return false: nobody deletes one by hand."""
        return False


def refuse(request: HttpRequest, error: BearmanError) -> None:
    """Tell the operator what a service refused, and what to do about it."""
    messages.error(request, str(error))


def log_added(request: HttpRequest, row: Model, words: str) -> None:
    """Write down in the Admin's history who made a row on another row's page."""
    LogEntry.objects.log_actions(
        user_id=request.user.pk or 0,
        queryset=[row],
        action_flag=ADDITION,
        change_message=words,
        single_object=True,
    )


@contextmanager
def telling(request: HttpRequest) -> Iterator[None]:
    """Tell the operator what a service refuses inside the block, and go on after it."""
    try:
        yield
    except BearmanError as error:
        refuse(request, error)


def each(request: HttpRequest, rows: list[M], call: Callable[[M], object]) -> list[M]:
    """Call a service for each row of a selection, and return those for which it went through.

    What was refused is told row by row, at most five times.
    """
    done, refused = [], []
    for row in rows:
        try:
            call(row)
        except BearmanError as error:
            refused.append(f"{row}: {error}")
        else:
            done.append(row)
    for words in refused[:5]:
        messages.error(request, words)
    if len(refused) > 5:
        messages.error(request, f"{len(refused) - 5} more were refused.")
    return done


def _refused(form: type[ModelForm[M]], refusal: BearmanError) -> type[ModelForm[M]]:
    class Refused(form):  # type: ignore[valid-type, misc]
        def clean(self) -> dict[str, Any]:
            super().clean()
            raise ValidationError(str(refusal))

    return Refused
