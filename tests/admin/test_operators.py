"""Users, groups and tokens."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from bearman.accounts.models import OperatorToken
from bearman.accounts.services import token_create, token_user
from bearman.lib.errors import Unauthenticated
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of, told

TOKENS = "/admin/accounts/operatortoken/"
USERS = "/admin/auth/user/"


@pytest.fixture
def staff(db: None) -> Client:
    """A client of an operator who may make and revoke tokens, and change users."""
    user = User.objects.create_user("sam", password="correct-horse-9", is_staff=True)
    names = (
        *("view_operatortoken", "add_operatortoken", "change_operatortoken"),
        *("view_user", "change_user"),
    )
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return logged_in(user)


def test_a_token_is_shown_once_and_works(admin: Client) -> None:
    ada = User.objects.get(username="ada")
    response = admin.post(f"{TOKENS}add/", {"name": "ci", "user": ada.pk})
    shown = re.search(r'value="(bmo_[\w-]+)"', response.content.decode())
    assert shown is not None
    assert "no-store" in response["Cache-Control"]
    assert token_user(text=shown[1]) == ada
    assert shown[1] not in admin.get(TOKENS).content.decode()
    assert shown[1].encode() not in bytes(OperatorToken.objects.get().digest)
    assert LogEntry.objects.count() == 1
    assert "ci ada in force" in text_of(admin.get(TOKENS))


def test_a_name_that_is_taken_comes_back_with_the_form_as_it_was(admin: Client) -> None:
    ada = User.objects.get(username="ada")
    token_create(user=ada, name="ci")
    response = admin.post(f"{TOKENS}add/", {"name": "ci", "user": ada.pk})
    assert response.status_code == 200
    assert "ada has a token named 'ci' already. Revoke that one" in text_of(response)
    assert 'value="ci"' in response.content.decode()
    assert OperatorToken.objects.count() == 1


def test_a_revoked_token_is_of_no_use(admin: Client) -> None:
    row, text = token_create(user=User.objects.get(username="ada"), name="ci")
    fields = {"action": "revoke", "_selected_action": [str(row.pk)]}
    assert told(admin.post(TOKENS, fields)) == ["Revoked: ci."]
    with pytest.raises(Unauthenticated):
        token_user(text=text)
    assert "revoked" in text_of(admin.get(TOKENS))


def test_tokens_are_neither_changed_nor_deleted(admin: Client) -> None:
    row, _ = token_create(user=User.objects.get(username="ada"), name="ci")
    assert admin.post(f"{TOKENS}{row.pk}/change/", {"name": "mine"}).status_code == 403
    assert admin.post(f"{TOKENS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.name == "ci"


def test_an_operator_makes_tokens_for_nobody_else(admin: Client, staff: Client) -> None:
    ada, sam = User.objects.get(username="ada"), User.objects.get(username="sam")
    token_create(user=ada, name="adas")
    assert "adas" not in text_of(staff.get(TOKENS))
    staff.post(f"{TOKENS}add/", {"name": "mine", "user": ada.pk})
    assert OperatorToken.objects.get(name="mine").user == sam


def test_an_operator_cannot_revoke_anothers_token(admin: Client, staff: Client) -> None:
    row, text = token_create(user=User.objects.get(username="ada"), name="adas")
    staff.post(TOKENS, {"action": "revoke", "_selected_action": [str(row.pk)]})
    assert token_user(text=text).username == "ada"


def test_only_a_superuser_makes_a_superuser(admin: Client, staff: Client) -> None:
    sam, ada = User.objects.get(username="sam"), User.objects.get(username="ada")
    fields = {
        "username": "sam",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
    }
    assert staff.post(f"{USERS}{sam.pk}/change/", fields).status_code == 302
    sam.refresh_from_db()
    assert not sam.is_superuser
    assert sam.user_permissions.exists()
    assert staff.post(f"{USERS}{ada.pk}/change/", fields).status_code == 403
    assert staff.post(f"{USERS}{ada.pk}/password/", {}).status_code == 403
    assert admin.post(f"{USERS}{sam.pk}/change/", fields).status_code == 302
    sam.refresh_from_db()
    assert sam.is_superuser


def test_a_user_is_added_with_a_password_that_holds(admin: Client) -> None:
    fields = {
        "username": "new",
        "password1": "battery-staple-7",
        "password2": "battery-staple-7",
        "usable_password": "true",
    }
    assert admin.post(f"{USERS}add/", fields).status_code == 302
    assert User.objects.get(username="new").check_password("battery-staple-7")
    assert "battery-staple-7" not in admin.get(USERS).content.decode()


def test_users_and_groups_have_their_lists(admin: Client) -> None:
    assert "ada@example.org" in text_of(admin.get(USERS))
    assert "No groups yet" in text_of(admin.get("/admin/auth/group/"))
    Group.objects.create(name="night shift")
    assert "night shift" in text_of(admin.get("/admin/auth/group/"))


def test_without_tokens_the_page_says_what_they_are_for(admin: Client) -> None:
    assert "No tokens yet" in text_of(admin.get(TOKENS))
