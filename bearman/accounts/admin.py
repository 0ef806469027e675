"""The pages on operators: users, groups, and their personal tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from bearman.accounts.models import OperatorToken
from bearman.accounts.services import token_create, token_revoke
from bearman.admin import BearmanAdmin
from bearman.pages import ago, badge

if TYPE_CHECKING:
    from django.contrib.auth.forms import (
        AdminPasswordChangeForm,
        AdminUserCreationForm,
        UserChangeForm,
    )

    DjangoUsers = DjangoUserAdmin[User]
else:
    from unfold.forms import AdminPasswordChangeForm, UserChangeForm
    from unfold.forms import UserCreationForm as AdminUserCreationForm

    DjangoUsers = DjangoUserAdmin

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUsers, BearmanAdmin[User]):
    """People who may use the Admin, and whose tokens may use gRPC."""

    form = UserChangeForm  # type: ignore[assignment]
    add_form = AdminUserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "name", "email", "is_active", "is_staff", "is_superuser", "seen")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Keep to superusers what would make somebody one."""
        return () if _is_superuser(request) else ("is_superuser", "groups", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Say whether the operator may change the user; only a superuser changes another."""
        taboo = obj is not None and obj.is_superuser and not _is_superuser(request)
        return not taboo and super().has_change_permission(request, obj)

    @admin.display(description="name", ordering="last_name")
    def name(self, user: User) -> str:
        """Return first and last name."""
        return user.get_full_name()

    @admin.display(description="last login", ordering="last_login")
    def seen(self, user: User) -> SafeString | str:
        """Return when the user logged in last."""
        return ago(user.last_login)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, BearmanAdmin[Group]):
    """Sets of permissions that several users have."""

    empty_title = "No groups yet"
    empty_advice = "A group gives several users the same permissions."


@admin.register(OperatorToken)
class OperatorTokenAdmin(BearmanAdmin[OperatorToken]):
    """Tokens for bearman-cli and other programs; a token is shown once, when it is made.

    A token has all its user's permissions, so only superusers see and make other people's.
    """

    list_display = ("name", "user", "state", "created", "used")
    list_display_links = None
    search_fields = ("name", "user__username")
    list_select_related = ("user",)
    ordering = ("-id",)
    actions = ("revoke",)
    empty_title = "No tokens yet"
    empty_advice = "Add one for each program that shall use Bearman in your name, or for the CLI."

    def get_queryset(self, request: HttpRequest) -> QuerySet[OperatorToken]:
        """Return the operator's own tokens; all for superusers."""
        rows = super().get_queryset(request).defer("digest")
        return rows if _is_superuser(request) else rows.filter(user__pk=request.user.pk or 0)

    def get_fields(self, request: HttpRequest, obj: OperatorToken | None = None) -> tuple[str, ...]:
        """Return what is asked for a new token."""
        return ("name", "user") if _is_superuser(request) else ("name",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose the operator as the user."""
        return {"user": request.user.pk, **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: OperatorToken | None = None) -> bool:
        """Say whether tokens may be revoked; a token itself is never changed."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: OperatorToken | None = None) -> bool:
        """Return false: a token is revoked, and its row stays."""
        return False

    def save_model(
        self, request: HttpRequest, obj: OperatorToken, form: ModelForm[OperatorToken], change: bool
    ) -> None:
        """Make the token; its text goes to the next page and nowhere else."""
        user = obj.user if _is_superuser(request) else User.objects.get(pk=request.user.pk or 0)
        row, text = token_create(user=user, name=obj.name)
        obj.pk, obj.user, obj.created_at = row.pk, row.user, row.created_at
        request.token_text = text  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: OperatorToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the token, this once; the page is kept by no cache."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Token {obj.name} was made",
            "token": obj,
            "text": getattr(request, "token_text", ""),
        }
        response = TemplateResponse(request, "accounts/admin/token_made.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[OperatorToken]) -> None:
        """End the selected tokens at once."""
        tokens = list(queryset)
        for token in tokens:
            token_revoke(token=token)
            self.log_change(request, token, "Revoked.")
        messages.success(request, f"Revoked: {', '.join(token.name for token in tokens)}.")

    @admin.display(description="state", ordering="revoked_at")
    def state(self, token: OperatorToken) -> SafeString:
        """Return whether the token is of use."""
        return badge("revoked", "mute") if token.revoked_at else badge("in force", "good")

    @admin.display(description="made", ordering="created_at")
    def created(self, token: OperatorToken) -> SafeString | str:
        """Return when it was made."""
        return ago(token.created_at)

    @admin.display(description="last used", ordering="last_used_at")
    def used(self, token: OperatorToken) -> SafeString | str:
        """Return when it was used last, give or take five minutes."""
        return ago(token.last_used_at) if token.last_used_at else "never"


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
