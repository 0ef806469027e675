"""Letting unknown machines in: the list of those turned away, and the windows."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from nodes.models import EnrolmentWindow, Node
from nodes.services.boot import boot_ask
from nodes.services.enrolment import network_around, window_close, window_open
from tests.admin import fleet as machines
from tests.admin.pages import text_of, told

SEEN = "/admin/nodes/bootrequest/"
WINDOWS = "/admin/nodes/enrolmentwindow/"
UUID = "4c4c4544-0058-4b10-8032-b8c04f543132"


def test_a_machine_that_was_turned_away_is_listed_with_the_way_to_let_it_in(admin: Client) -> None:
    row = machines.turn_away(UUID, times=7)
    page = text_of(admin.get(SEEN))
    assert f"{UUID} 10.1.7.40" in page
    assert "7 unknown machine Open enrolment for 1 hour" in page
    assert f"{SEEN}{row.pk}/open/" in admin.get(SEEN).content.decode()


def test_a_machine_that_got_a_token_is_not_among_those_turned_away(admin: Client) -> None:
    machines.turn_away(UUID).__class__.objects.update(granted=True)
    assert "No machine was turned away" in text_of(admin.get(SEEN))


def test_a_machine_that_failed_before_it_registered_is_listed_with_its_words(
    admin: Client,
) -> None:
    machines.turn_away(UUID).__class__.objects.update(
        granted=True, step="inventory", message="No dmidecode <here>."
    )
    page = text_of(admin.get(SEEN))
    assert "failed before registering inventory: No dmidecode <here>." in page
    assert "Open enrolment" not in page


def test_a_known_machine_says_its_status_instead(admin: Client, fleet: dict[str, Node]) -> None:
    machines.turn_away(str(fleet["maintenance"].uuid))
    page = text_of(admin.get(SEEN))
    assert "MAINTENANCE its page" in page
    assert "Open enrolment" not in page


def test_the_button_opens_enrolment_for_its_network_and_the_machine_gets_in(
    admin: Client,
) -> None:
    machines.make_zone()
    row = machines.turn_away(UUID)
    assert boot_ask(uuid=UUID, source="10.1.7.40").token is None
    response = admin.post(f"{SEEN}{row.pk}/open/")
    window = EnrolmentWindow.objects.get()
    assert window.network == "10.1.0.0/16"
    assert timedelta(minutes=59) < window.closes_at - timezone.now() <= timedelta(hours=1)
    assert "Opened by ada" in window.note
    assert "Enrolment is open for 10.1.0.0/16 until" in told(response)[0]
    assert LogEntry.objects.get().object_id == str(window.pk)
    assert boot_ask(uuid=UUID, source="10.1.7.40").token is not None
    assert "Open now: 10.1.0.0/16" in text_of(admin.get(SEEN))


def test_looking_at_the_button_opens_nothing(admin: Client) -> None:
    row = machines.turn_away(UUID)
    assert admin.get(f"{SEEN}{row.pk}/open/").status_code == 405
    assert not EnrolmentWindow.objects.exists()


def test_a_viewer_cannot_open_enrolment(viewer: Client) -> None:
    row = machines.turn_away(UUID)
    assert viewer.post(f"{SEEN}{row.pk}/open/").status_code == 403
    assert not EnrolmentWindow.objects.exists()


def test_a_row_that_is_gone_is_no_error(admin: Client) -> None:
    assert "its row is gone" in told(admin.post(f"{SEEN}4711/open/"))[0]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.0.0/16"),
        ("10.1.9.3", "10.1.9.0/24"),
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
    ],
)
def test_the_network_around_an_address_is_the_zones_or_the_usual_one(
    address: str, network: str, db: None
) -> None:
    machines.make_zone("az1", ["10.1.0.0/16"])
    machines.make_zone("az9", ["10.1.9.0/24"])
    assert network_around(address) == network


def test_opening_twice_makes_the_window_last_longer(db: None) -> None:
    first = window_open(network="10.1.0.0/16", length=timedelta(minutes=5))
    second = window_open(network="10.1.0.0/16")
    assert first.pk == second.pk
    assert second.closes_at > first.closes_at
    third = window_open(network="10.1.0.0/16", length=timedelta(minutes=1))
    assert third.closes_at == second.closes_at


def test_a_window_is_closed_once_and_one_to_come_is_dropped(db: None) -> None:
    now = timezone.now()
    window = window_open(network="10.1.0.0/16")
    later = EnrolmentWindow.objects.create(
        network="10.2.0.0/16",
        opens_at=now + timedelta(days=1),
        closes_at=now + timedelta(days=2),
    )
    assert window_close(window=window)
    assert not window_close(window=window)
    assert window_close(window=later)
    assert [w.network for w in EnrolmentWindow.objects.all()] == ["10.1.0.0/16"]


def test_a_window_is_added_and_written_down(admin: Client) -> None:
    response = admin.post(f"{WINDOWS}add/", window_fields())
    assert response.status_code == 302, text_of(response)
    window = EnrolmentWindow.objects.get()
    assert window.network == "10.1.0.0/16"
    assert LogEntry.objects.get().object_id == str(window.pk)
    assert "10.1.0.0/16 open" in text_of(admin.get(WINDOWS))


def test_the_form_of_a_window_proposes_the_next_hour(admin: Client) -> None:
    with time_machine.travel("2026-03-01T23:59:59Z", tick=False):
        html = admin.get(f"{WINDOWS}add/").content.decode()
    assert 'value="01/03/2026"' in html


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"network": "10.1.0.7/16"}, "is not a network such as 10.1.0.0/16"),
        ({"network": "<script>"}, "is not a network such as 10.1.0.0/16"),
        ({"closes_at_0": "2001-01-01"}, "The window must close after it opens."),
    ],
)
def test_a_bad_window_comes_back_with_what_is_wrong(
    fields: dict[str, str], words: str, admin: Client
) -> None:
    response = admin.post(f"{WINDOWS}add/", window_fields() | fields)
    assert response.status_code == 200
    assert words in text_of(response)
    assert not EnrolmentWindow.objects.exists()


def test_selected_windows_are_closed_now(admin: Client) -> None:
    window = window_open(network="10.1.0.0/16")
    fields = {"action": "close_now", "_selected_action": [str(window.pk)]}
    response = admin.post(WINDOWS, fields)
    assert told(response) == ["Closed 1 of 1 windows."]
    window.refresh_from_db()
    assert window.closes_at <= timezone.now()
    assert LogEntry.objects.get().get_change_message() == "Closed."


def test_empty_pages_say_what_they_are_for(admin: Client) -> None:
    assert "so that you can let them in" in text_of(admin.get(SEEN))
    assert "Enrolment is closed everywhere" in text_of(admin.get(SEEN))
    assert "Add a window for the hours" in text_of(admin.get(WINDOWS))
    assert reverse("admin:nodes_enrolmentwindow_add") in admin.get(WINDOWS).content.decode()


def window_fields() -> dict[str, str]:
    """Return a form that is in order: an hour from now."""
    now = timezone.now()
    later = now + timedelta(hours=1)
    return {
        "network": "10.1.0.0/16",
        "opens_at_0": f"{now:%Y-%m-%d}",
        "opens_at_1": f"{now:%H:%M:%S}",
        "closes_at_0": f"{later:%Y-%m-%d}",
        "closes_at_1": f"{later:%H:%M:%S}",
        "note": "",
    }
