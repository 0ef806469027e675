"""Writes on operators' tokens."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from bearman.accounts.models import OperatorToken
from bearman.lib import tokens
from bearman.lib.errors import Conflict, Denied, Invalid, Unauthenticated

# `last_used_at` is for people who tidy up; finer than this would be a write on every call.
USED_GRAIN = timedelta(minutes=5)
MAX_NAME = 100  # characters, as the column has


def token_create(*, user: User, name: str) -> tuple[OperatorToken, str]:
    """Make a token for `user`; the text is returned this once and never again.

    Raises Invalid, or Conflict for a name that the user has given already.
    """
    if not 0 < len(name.strip()) <= MAX_NAME:
        raise Invalid(f"A token's name has 1 to {MAX_NAME} characters.")
    text = tokens.new(tokens.OPERATOR_PREFIX)
    try:
        with transaction.atomic():
            row = OperatorToken.objects.create(user=user, name=name, digest=tokens.digest(text))
    except IntegrityError as error:
        raise Conflict(
            f"{user} has a token named {name!r} already.",
            advice="Revoke that one, or take another name.",
        ) from error
    return row, text


def token_revoke(*, token: OperatorToken) -> None:
    """End a token at once; ending it twice is no error."""
    OperatorToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def token_user(*, text: str) -> User:
    """Return the active user behind a token, or raise Unauthenticated."""
    row = (
        OperatorToken.objects.select_related("user")
        .filter(digest=tokens.digest(text[: tokens.MAX_LENGTH]), revoked_at=None)
        .first()
    )
    if row is None or not row.user.is_active:
        raise Unauthenticated(
            "This operator token is unknown or revoked.",
            advice="Make a new one in the Admin under Operators, Tokens.",
        )
    now = timezone.now()
    if row.last_used_at is None or row.last_used_at < now - USED_GRAIN:
        OperatorToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row.user


def user_require(*, user: User, permission: str) -> None:
    """Raise Denied unless `user` has `permission`, named as Django does (`nodes.view_node`)."""
    if not user.has_perm(permission):
        raise Denied(
            f"{user.get_username()} lacks the permission {permission}.",
            advice="An administrator can give it in the Admin under Users.",
        )
