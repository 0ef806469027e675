"""Zones and boot scripts."""

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from bearman import storage
from bearman.lib.errors import NotFound
from bearman.pages import prose
from nodes.models import AvailabilityZone
from profiles.models import ScriptRelease
from profiles.services import release_publish
from tests.admin import fleet as machines
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of, told

ZONES = "/admin/nodes/availabilityzone/"
SCRIPTS = "/admin/profiles/scriptrelease/"


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
def releases(db: None) -> tuple[ScriptRelease, ScriptRelease]:
    """Two releases of the boot scripts; the second is current."""
    texts = ("#!/bin/sh\necho <one>\n", "#!/bin/sh\necho <two>\n")
    earlier, current = (
        release_publish(contents={"register.sh": text.encode()}, version=f"2026.{n}", actor="ada")[
            0
        ]
        for n, text in enumerate(texts, 1)
    )
    return earlier, current


def test_an_earlier_release_is_made_current_after_a_question(
    admin: Client, releases: tuple[ScriptRelease, ScriptRelease]
) -> None:
    earlier, current = releases
    url = f"{SCRIPTS}{earlier.pk}/current/"
    assert url in admin.get(SCRIPTS).content.decode()
    question = text_of(admin.get(url))
    assert "Make release 2026.1 of the boot scripts current?" in question
    assert "Release 2026.2 will be withdrawn" in question
    assert "-echo <two>" in question
    assert "+echo <one>" in question
    assert ScriptRelease.objects.get(current=True) == current
    response = admin.post(url)
    assert ScriptRelease.objects.get(current=True) == earlier
    assert told(response) == ["Boot scripts 2026.1 are current: machines that boot now run them."]
    assert LogEntry.objects.get().get_change_message() == "Made current."
    assert "withdrawn" in text_of(admin.get(SCRIPTS))


def test_a_release_is_shown_with_the_text_of_its_scripts(
    admin: Client, releases: tuple[ScriptRelease, ScriptRelease]
) -> None:
    page = admin.get(f"{SCRIPTS}{releases[1].pk}/change/")
    assert "echo &lt;two&gt;" in page.content.decode()
    assert releases[1].scripts.get().sha256 in text_of(page)
    storage.delete(releases[1].scripts.get().path)
    assert "There is no scripts/" in text_of(admin.get(f"{SCRIPTS}{releases[1].pk}/change/"))
    with pytest.raises(NotFound):
        storage.read(releases[1].scripts.get().path, most=10)


def test_scripts_are_not_written_by_hand(
    admin: Client, releases: tuple[ScriptRelease, ScriptRelease]
) -> None:
    assert admin.get(f"{SCRIPTS}add/").status_code == 403
    assert admin.post(f"{SCRIPTS}{releases[0].pk}/delete/", {"post": "yes"}).status_code == 403


def test_making_a_release_current_needs_the_permission(
    releases: tuple[ScriptRelease, ScriptRelease],
) -> None:
    user = User.objects.create_user("vic", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_scriptrelease"))
    client = logged_in(user)
    assert client.get(SCRIPTS).status_code == 200
    assert "Make current" not in text_of(client.get(f"{SCRIPTS}{releases[0].pk}/change/"))
    assert client.post(f"{SCRIPTS}{releases[0].pk}/current/").status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="change_scriptrelease"))
    assert client.post(f"{SCRIPTS}{releases[0].pk}/current/").status_code == 302


def test_empty_pages_say_what_to_do(admin: Client) -> None:
    assert "A machine needs a zone before it can register" in text_of(admin.get(ZONES))
    assert "Run bearman publish_scripts on the server" in text_of(admin.get(SCRIPTS))


def test_empty_pages_show_what_is_typed_as_code_and_no_backtick(admin: Client) -> None:
    page = admin.get(SCRIPTS).content.decode()
    assert '<p>Run <code class="bm-code">bearman publish_scripts</code> on the server;' in page
    for model, found in site._registry.items():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if "`" in getattr(found, "empty_advice", ""):
            empty = admin.get(url).content.decode().partition('<div class="bm-empty">')[2]
            assert '<code class="bm-code">' in empty, url
            assert "`" not in empty.partition("</div>")[0], url


def test_only_what_stands_between_two_backticks_is_code_and_nothing_is_markup() -> None:
    assert prose("") == ""
    assert prose("a `<b>` & c") == 'a <code class="bm-code">&lt;b&gt;</code> &amp; c'
    assert prose("it's `half") == "it&#x27;s `half"


def test_a_page_below_a_list_or_a_row_ends_the_path_with_its_own_title(
    admin: Client, releases: tuple[ScriptRelease, ScriptRelease]
) -> None:
    crumb = '<span class="bm-crumb" aria-current="page">'
    page = admin.get(f"{SCRIPTS}{releases[0].pk}/current/").content.decode()
    assert f"<bdi>Make boot scripts {releases[0]} current</bdi>" in page.partition(crumb)[2]
    compare = admin.get("/admin/profiles/image/compare/").content.decode()
    assert "<bdi>Compare packages</bdi>" in compare.partition(crumb)[2]
    for url in (SCRIPTS, f"{SCRIPTS}{releases[0].pk}/change/", f"{ZONES}add/", "/admin/"):
        assert crumb not in admin.get(url).content.decode()
