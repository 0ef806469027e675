"""Release, cancel and redeploy: they ask first, and tell the second of two who was first."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from baremetal.models import Baremetal
from baremetal.states import BaremetalState
from profiles.models import Profile
from tests.admin import deployments
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of, told
from tests.baremetal import rig

LIST = "/admin/baremetal/baremetal/"
VERBS = ("redeploy", "release", "cancel")


@pytest.fixture
def room(db: None, tmp_path: Path) -> Profile:
    """A zone where machines can be deployed; returns the default profile."""
    return deployments.make_room(tmp_path)


def address(verb: str, rows: list[Baremetal]) -> str:
    return f"{LIST}do/{verb}/?" + "&".join(f"baremetal={row.pk}" for row in rows)


def look(client: Client, verb: str, rows: list[Baremetal]) -> dict[str, Any]:
    """Open a dialog and return what its form would send."""
    html = client.get(address(verb, rows)).content.decode()
    hidden = re.findall(r'name="((?:seen|request)-\d+)" value="([^"]*)"', html)
    keys = re.findall(r'name="baremetal" value="(\d+)"', html)
    return {"baremetal": keys, **dict(hidden)}


def press(client: Client, verb: str, rows: list[Baremetal], **fields: Any) -> Any:
    return client.post(address(verb, rows), look(client, verb, rows) | fields)


def state(row: Baremetal) -> str:
    return str(Baremetal.objects.values_list("state", flat=True).get(pk=row.pk))


@pytest.mark.parametrize("verb", VERBS)
def test_looking_at_a_question_changes_nothing(verb: str, admin: Client, room: Profile) -> None:
    row = deployments.deployed(deployments.free(1), "web-1")
    done = deployments.installed(deployments.free(2), "web-2")
    assert admin.get(address(verb, [row, done])).status_code == 200
    assert (state(row), state(done)) == ("DEPLOY_START", "INSTALLED")


def test_release_names_host_machine_and_address_and_says_what_happens(
    admin: Client, room: Profile
) -> None:
    row = deployments.installed(deployments.free(1), "web-1")
    page = text_of(admin.get(address("release", [row])))
    assert "Release web-1?" in page
    assert str(row.node) in page
    assert "10.20.0.10" in page
    assert "The machine's power is cut at once." in page
    response = press(admin, "release", [row])
    assert state(row) == BaremetalState.RELEASING
    assert row.events.latest("pk").actor == "ada"
    assert told(response) == ["web-1 is being released."]
    assert response["Location"] == f"{LIST}{row.pk}/change/"


def test_one_under_way_is_cancelled(admin: Client, room: Profile) -> None:
    row = deployments.deployed(deployments.free(1), "web-1")
    page = text_of(admin.get(address("cancel", [row])))
    assert "Cancel deployment web-1?" in page
    response = press(admin, "cancel", [row])
    assert state(row) == BaremetalState.RELEASING
    assert told(response) == ["web-1 is being taken back."]
    assert row.events.latest("pk").message == "ada cancels the deployment."


def test_a_machine_is_redeployed_with_another_profile(admin: Client, room: Profile) -> None:
    row = deployments.installed(deployments.free(1), "web-1")
    other = rig.profile("db")
    assert "The same profile, as it is now" in text_of(admin.get(address("redeploy", [row])))
    response = press(admin, "redeploy", [row], profile=other.pk)
    row.refresh_from_db()
    assert (row.state, row.profile, row.hostname) == ("DEPLOY_START", other, "web-1")
    assert row.service_address == "10.20.0.10"
    assert told(response) == ["web-1 is being deployed anew."]


def test_redeploying_twice_by_one_press_is_once(admin: Client, room: Profile) -> None:
    row = deployments.installed(deployments.free(1), "web-1")
    form = look(admin, "redeploy", [row])
    for _ in range(2):
        response = admin.post(address("redeploy", [row]), form)
        assert response.status_code == 302
    assert row.events.filter(to_state="DEPLOY_START").count() == 2  # with the first deployment


def test_what_a_redeployment_refuses_is_told_and_the_choice_is_kept(
    admin: Client, room: Profile
) -> None:
    row = deployments.installed(deployments.free(1), "web-1")
    broken = rig.profile("broken")
    Profile.objects.filter(pk=broken.pk).update(append="x={{ nonsense }}")
    response = press(admin, "redeploy", [row], profile=broken.pk)
    assert "Profile broken: its kernel command line" in text_of(response)
    assert f'value="{broken.pk}" selected' in response.content.decode()
    assert state(row) == "INSTALLED"


@pytest.mark.parametrize("verb", ["release", "redeploy"])
def test_the_second_of_two_operators_is_told_who_was_first(
    verb: str, admin: Client, room: Profile
) -> None:
    row = deployments.installed(deployments.free(1), "web-1")
    bob = logged_in(User.objects.create_superuser("bob", password="x"))
    form = look(admin, verb, [row])
    press(bob, "redeploy", [row])
    response = admin.post(address(verb, [row]), form)
    page = text_of(response)
    assert "bob was first, 0:00:0" in page
    assert "bob redeploys it with profile web (version 1). web-1 is DEPLOY_START now." in page
    assert "Look at it again before you do more." in page
    assert state(row) == "DEPLOY_START"


def test_releasing_twice_does_no_harm(admin: Client, room: Profile) -> None:
    row = deployments.installed(deployments.free(1), "web-1")
    form = look(admin, "release", [row])
    for _ in range(2):
        assert admin.post(address("release", [row]), form).status_code == 302
    assert row.events.filter(to_state="RELEASING").count() == 1


def test_what_a_verb_does_not_apply_to_is_left_out_with_the_reason(
    admin: Client, room: Profile
) -> None:
    busy = deployments.deployed(deployments.free(1), "web-1")
    rests = deployments.installed(deployments.free(2), "web-2")
    page = text_of(admin.get(address("release", [busy, rests])))
    assert "web-1 is DEPLOY_START: it is under way; cancel it instead." in page
    response = press(admin, "release", [busy, rests])
    assert (state(busy), state(rests)) == ("DEPLOY_START", "RELEASING")
    assert told(response) == ["web-2 is being released."]
    page = text_of(admin.get(address("cancel", [rests])))
    assert "Nothing of this can be done now." in page


def test_a_state_that_has_changed_since_is_looked_at_again(admin: Client, room: Profile) -> None:
    row = deployments.deployed(deployments.free(1), "web-1")
    form = look(admin, "cancel", [row])
    deployments.voice(row).install()
    response = admin.post(address("cancel", [row]), form)
    assert "web-1 is INSTALLED: nothing is under way; release it instead." in text_of(response)
    assert state(row) == "INSTALLED"


@pytest.mark.parametrize("verb", VERBS)
def test_an_action_on_the_list_leads_to_the_question(
    verb: str, admin: Client, room: Profile
) -> None:
    rows = [deployments.installed(deployments.free(number)) for number in (1, 2)]
    keys = [row.pk for row in rows]
    response = admin.post(LIST, {"action": verb, "_selected_action": keys})
    assert response["Location"] == address(verb, rows)
    assert {state(row) for row in rows} == {"INSTALLED"}


def test_a_selection_is_released(admin: Client, room: Profile) -> None:
    rows = [deployments.installed(deployments.free(number), f"web-{number}") for number in (1, 2)]
    response = press(admin, "release", rows)
    assert told(response) == ["Release: begun for 2: web-1, web-2."]
    assert response["Location"] == LIST
    assert {state(row) for row in rows} == {"RELEASING"}


@pytest.mark.parametrize("verb", VERBS)
def test_who_may_only_look_can_do_nothing(verb: str, room: Profile) -> None:
    user = User.objects.create_user("vera", password="x", is_staff=True)
    names = ("view_node", "view_baremetal", "add_baremetal")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client, row = logged_in(user), deployments.installed(deployments.free(1))
    assert client.get(address(verb, [row])).status_code == 403
    assert client.post(address(verb, [row]), {"baremetal": row.pk}).status_code == 403
    client.post(LIST, {"action": verb, "_selected_action": [row.pk]})
    assert state(row) == "INSTALLED"


def test_an_unknown_verb_is_not_found(admin: Client, room: Profile) -> None:
    row = deployments.installed(deployments.free(1))
    assert admin.get(address("explode", [row])).status_code == 404


def test_without_a_selection_it_leads_to_the_list(admin: Client) -> None:
    for query in ("", "?baremetal=x", "?baremetal=99999"):
        response = admin.get(f"{LIST}do/release/{query}")
        assert response["Location"] == LIST
