"""Operators with different permissions, and machines for them to look at."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from nodes.models import Node
from tests.admin import fleet as machines


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
