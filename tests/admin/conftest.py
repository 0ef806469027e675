"""Operators with different permissions, and machines for them to look at."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from playwright.sync_api import Browser

from nodes.models import Node
from tests.admin import fleet as machines
from tests.admin.screenshots import browser as open_browser


@pytest.fixture(scope="module")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """Debian's Chromium, for the tests of this module.

    Playwright keeps an event loop in this thread, for which Django takes all code for
    asynchronous; both end with this fixture.
    """
    with pytest.MonkeyPatch.context() as patch, open_browser() as window:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield window


@pytest.fixture
def admin(db: None) -> Client:
    """A client that is logged in as a superuser named ada."""
    return logged_in(User.objects.create_superuser("ada", "ada@example.org", "correct-horse-9"))


@pytest.fixture
def viewer(db: None) -> Client:
    """A client of an operator who may look at nodes and change nothing."""
    user = User.objects.create_user("vic", password="correct-horse-9", is_staff=True)
    names = ("view_node", "view_nodeevent", "view_bootrequest", "view_enrolmentwindow")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return logged_in(user)


@pytest.fixture
def fleet(db: None) -> dict[str, Node]:
    """One node in each status, by the status in lower case."""
    return machines.make_fleet()


def logged_in(user: User) -> Client:
    """Return a client that is logged in as `user`,."""
    client = Client()
    client.force_login(user)
    return client
