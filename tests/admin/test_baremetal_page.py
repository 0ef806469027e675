"""The page of one deployment: its state, what to do, how long each step took."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from baremetal.labels import took
from baremetal.models import Baremetal, BaremetalEvent, EventKind
from baremetal.phases import phases_of
from baremetal.services.retry import try_again
from baremetal.services.status import event_add
from profiles.models import Profile
from tests.admin import deployments
from tests.admin.pages import text_of, told

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def room(db: None, tmp_path: Path) -> Profile:
    """A zone where machines can be deployed; returns the default profile."""
    return deployments.make_room(tmp_path)


def url(row: Baremetal) -> str:
    return f"/admin/baremetal/baremetal/{row.pk}/change/"


def event(minutes: float, kind: EventKind, step: str, attempt: int = 1, to: str = "") -> object:
    return BaremetalEvent(
        at=START + timedelta(minutes=minutes), kind=kind, step=step, attempt=attempt, to_state=to
    )


def test_one_under_way_says_what_it_waits_for_and_looks_again_by_itself(
    admin: Client, room: Profile
) -> None:
    row = deployments.deployed(deployments.free(1), "web-1")
    response = admin.get(url(row))
    page, html = text_of(response), response.content.decode()
    assert "Its BMC switches it on, and it asks what to boot." in page
    assert "Log in once it is INSTALLED ssh root@10.20.0.10" in page
    assert "10.20.0.10 /24 10.20.0.1 120 az1-service" in page
    assert 'data-finished="no"' in html
    assert "nodes/follow.js" in html
    assert "Cancel deployment …" in page
    assert "Release …" not in page
    assert "olga deploys profile web (version 1)" in page


def test_an_installed_one_says_how_to_log_in_and_rests(admin: Client, room: Profile) -> None:
    row = deployments.installed(deployments.free(1), "web-1")
    response = admin.get(url(row))
    page, html = text_of(response), response.content.decode()
    assert "Log in ssh root@10.20.0.10" in page
    assert 'data-finished="yes"' in html
    assert "follow.js" not in html
    assert "Redeploy …" in page
    assert "Release …" in page
    for step in ("prepare", "power_on", "stage_one", "kexec", "configure"):
        assert f"{step} 1 0." in page


def test_a_failed_one_says_the_step_the_reason_the_advice_and_the_last_lines(
    admin: Client, room: Profile
) -> None:
    row = deployments.failed(deployments.free(1), "web-1")
    response = admin.get(url(row))
    page = text_of(response)
    assert "configure: The install script ended with exit code 100" in page
    assert "What to do: Read the last lines of the install script" in page
    assert "E: Unable to locate package nginx-extra" in page
    assert "configure failed" in page


def test_hostile_log_lines_are_text(admin: Client, room: Profile) -> None:
    row = deployments.failed(deployments.free(1), "web-1")
    hostile = "<script>alert(1)</script>"
    Baremetal.objects.filter(pk=row.pk).update(log_tail=hostile, reason=hostile, advice=hostile)
    event_add(row=row, kind=EventKind.WARNING, message=hostile, log_tail=hostile)
    html = admin.get(url(row)).content.decode()
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(1)") == 5


def test_another_attempt_is_counted_and_shown(admin: Client, room: Profile) -> None:
    row = deployments.deployed(deployments.free(1), "web-1")
    try_again(row=row, reason="It did not boot.", cold=True)
    page = text_of(admin.get(url(row)))
    assert "power_on failed 1 " in page
    assert "power_on now 2 " in page
    assert "cold over the network" in page
    assert "attempt 2" in page


def test_the_page_asks_a_fixed_number_of_queries(admin: Client, room: Profile) -> None:
    row = deployments.deployed(deployments.free(1), "web-1")
    few = _queries(admin, row)
    for number in range(150):
        event_add(row=row, kind=EventKind.PROGRESS, message=f"Line {number}.")
    assert _queries(admin, row) == few <= 10
    page = text_of(admin.get(url(row)))
    assert "Line 149." in page
    assert "Line 1." not in page
    assert "All events of this deployment" in page


def test_one_that_is_not_there_leads_to_the_list(admin: Client) -> None:
    for key in ("9999", "9" * 40, "x"):
        response = admin.get(f"/admin/baremetal/baremetal/{key}/change/")
        assert response["Location"] == "/admin/baremetal/baremetal/"
        assert told(response)[-1] == f"There is no deployment {key[:20]}."


def test_phases_end_where_the_next_begins_and_what_rests_is_none() -> None:
    events = [
        event(0, EventKind.STATE, "prepare", to="DEPLOY_START"),
        event(1, EventKind.STEP, "power_on"),
        event(2, EventKind.POWER, "power_on"),
        event(3, EventKind.WARNING, "power_on"),
        event(11, EventKind.WARNING, "power_on", attempt=2),
        event(12, EventKind.STEP, "stage_one", attempt=2),
        event(14, EventKind.STATE, "kexec", attempt=2, to="DEPLOYING"),
        event(15, EventKind.STATE, "", attempt=2, to="INSTALLED"),
        event(20, EventKind.PROGRESS, "", attempt=2),
        event(30, EventKind.STATE, "power_off", to="RELEASING"),
    ]
    now = START + timedelta(minutes=31)
    found = phases_of(events)  # type: ignore[arg-type]
    assert [(p.step, p.attempt, p.seconds(now) / 60, p.failed) for p in found] == [
        ("prepare", 1, 1, False),
        ("power_on", 1, 10, True),
        ("power_on", 2, 1, False),
        ("stage_one", 2, 2, False),
        ("kexec", 2, 1, False),
        ("power_off", 1, 1, False),
    ]
    assert found[-1].ended is None


def test_phases_of_nothing_are_none() -> None:
    assert phases_of([]) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.0 s"),
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.9, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (3 * 86400 + 4 * 3600, "3 d 4 h"),
    ],
)
def test_a_duration_has_two_units(seconds: float, words: str) -> None:
    assert took(seconds) == words


def _queries(client: Client, row: Baremetal) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url(row)).status_code == 200
    return len(captured)
