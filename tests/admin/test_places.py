"""Zones and boot scripts."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client

from nodes.models import AvailabilityZone
from profiles.models import BootScript
from tests.admin import fleet as machines
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of, told

ZONES = "/admin/nodes/availabilityzone/"
SCRIPTS = "/admin/profiles/bootscript/"


def test_a_zone_is_added_with_its_networks(admin: Client) -> None:
    fields = {"name": "az7", "description": "Hall 7", "networks": "10.7.0.0/16,2001:db8:7::/48"}
    assert admin.post(f"{ZONES}add/", fields).status_code == 302
    assert AvailabilityZone.objects.get().networks == ["10.7.0.0/16", "2001:db8:7::/48"]
    assert LogEntry.objects.count() == 1
    assert "az7 Hall 7 10.7.0.0/16, 2001:db8:7::/48" in text_of(admin.get(ZONES))


def test_a_zone_with_a_bad_network_comes_back(admin: Client) -> None:
    response = admin.post(f"{ZONES}add/", {"name": "az7", "networks": "10.7.0.1/16"})
    assert "is not a network such as 10.1.0.0/16" in text_of(response)
    assert not AvailabilityZone.objects.exists()


def test_a_zone_keeps_its_name(admin: Client) -> None:
    zone = machines.make_zone()
    admin.post(f"{ZONES}{zone.pk}/change/", {"name": "other", "networks": ""})
    zone.refresh_from_db()
    assert (zone.name, zone.networks) == ("az1", [])


def test_a_zone_with_nodes_is_not_deleted_and_the_page_says_why(admin: Client) -> None:
    node = machines.make_node(1)
    assert node.zone is not None
    response = admin.post(f"{ZONES}{node.zone.pk}/delete/", {"post": "yes"})
    assert told(response) == ["Zone az1 has nodes. Move them to another zone first."]
    assert AvailabilityZone.objects.exists()


def test_a_zone_without_nodes_is_deleted(admin: Client) -> None:
    zone = machines.make_zone()
    assert "az1" in text_of(admin.get(f"{ZONES}{zone.pk}/delete/"))
    admin.post(f"{ZONES}{zone.pk}/delete/", {"post": "yes"})
    assert not AvailabilityZone.objects.exists()


def test_several_zones_are_deleted_as_far_as_they_may_be(admin: Client) -> None:
    machines.make_node(1)
    empty = machines.make_zone("az2", [])
    keys = [str(zone.pk) for zone in AvailabilityZone.objects.all()]
    fields = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
    assert "Zone az1 has nodes." in told(admin.post(ZONES, fields))[0]
    assert AvailabilityZone.objects.filter(name="az1").exists()
    assert empty.pk


@pytest.fixture
def scripts(db: None) -> tuple[BootScript, BootScript]:
    """Two versions of register.sh; the second is current."""
    earlier = BootScript.objects.create(name="register.sh", sha256="a" * 64, path="a")
    current = BootScript.objects.create(name="register.sh", sha256="b" * 64, path="b", current=True)
    return earlier, current


def test_an_earlier_script_is_made_current_after_a_question(
    admin: Client, scripts: tuple[BootScript, BootScript]
) -> None:
    earlier, current = scripts
    url = f"{SCRIPTS}{earlier.pk}/current/"
    assert url in admin.get(SCRIPTS).content.decode()
    question = text_of(admin.get(url))
    assert "Make this version of register.sh current?" in question
    assert current.sha256 in question
    assert BootScript.objects.get(current=True) == current
    response = admin.post(url)
    assert BootScript.objects.get(current=True) == earlier
    assert told(response) == [f"{earlier} is current: machines that boot from now on run it."]
    assert LogEntry.objects.get().get_change_message() == "Made current."


def test_scripts_are_not_written_by_hand(
    admin: Client, scripts: tuple[BootScript, BootScript]
) -> None:
    assert admin.get(f"{SCRIPTS}add/").status_code == 403
    assert admin.post(f"{SCRIPTS}{scripts[0].pk}/delete/", {"post": "yes"}).status_code == 403


def test_making_a_script_current_needs_the_permission(
    scripts: tuple[BootScript, BootScript],
) -> None:
    user = User.objects.create_user("vic", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_bootscript"))
    client = logged_in(user)
    assert client.get(SCRIPTS).status_code == 200
    assert client.post(f"{SCRIPTS}{scripts[0].pk}/current/").status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="change_bootscript"))
    assert client.post(f"{SCRIPTS}{scripts[0].pk}/current/").status_code == 302


def test_empty_pages_say_what_to_do(admin: Client) -> None:
    assert "A machine needs a zone before it can register" in text_of(admin.get(ZONES))
    assert "Run `bearman publish_scripts`" in text_of(admin.get(SCRIPTS))
