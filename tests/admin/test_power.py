"""Power from the Admin: by POST, in batches whose page follows, and never from users unasked."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from nodes.admin import cards, verbs
from nodes.models import Bmc, Node, NodeEvent, PowerRequest
from nodes.power import SWITCHES_OFF, PowerAction, PowerResult
from nodes.states import NodeStatus
from tests.admin.pages import do, do_selected, list_url, node_url, text_of, told

REQUESTS = "/admin/nodes/powerrequest/"
HOSTILE = "<script>alert(1)</script>"


def batch_of(response: Any) -> str:
    """The address of the batch that a verb led to."""
    assert response.status_code == 302
    found = re.fullmatch(r"/admin/nodes/powerrequest/batch/[0-9a-f-]{36}/", response["Location"])
    assert found, response["Location"]
    return found[0]


@pytest.mark.parametrize("action", list(PowerAction))
def test_what_is_asked_is_left_to_the_worker_with_the_operators_name(
    action: PowerAction, admin: Client, fleet: dict[str, Node]
) -> None:
    node = fleet["ready"]
    batch_of(do(admin, node, f"power_{action}"))
    row, job = PowerRequest.objects.get(), ProcrastinateJob.objects.get()
    assert (row.node, row.action, row.actor) == (node, action, "ada")
    assert (job.task_name, job.args) == ("nodes.tasks.power", {"power_request_id": row.pk})
    assert job.lock == f"bmc:{node.bmc.pk}"


def test_without_a_proven_bmc_it_is_refused_with_advice(
    admin: Client, fleet: dict[str, Node]
) -> None:
    node = fleet["registering"]
    Bmc.objects.filter(node=node).update(password=None)
    response = do(admin, node, "power_on")
    assert response["Location"] == node_url(node)
    assert len(told(response)) == 1
    assert "no BMC with a proven address" in told(response)[0]
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.parametrize("action", list(PowerAction))
def test_only_what_switches_off_a_machine_in_use_asks_first(
    action: PowerAction, admin: Client, fleet: dict[str, Node]
) -> None:
    node = fleet["in_use"]
    response = do(admin, node, f"power_{action}")
    assert (response.status_code == 200) == (action in SWITCHES_OFF)
    if action in SWITCHES_OFF:
        assert "The machine is in use." in text_of(response)
        assert node.serial in text_of(response)
        assert not PowerRequest.objects.exists()
        batch_of(do(admin, node, f"power_{action}", confirmed="yes"))
    assert PowerRequest.objects.get().confirmed == (action in SWITCHES_OFF)


def test_a_selection_with_machines_in_use_asks_first_and_names_just_those(
    admin: Client, fleet: dict[str, Node]
) -> None:
    chosen = [fleet["ready"], fleet["in_use"], fleet["maintenance"]]
    page = text_of(do_selected(admin, chosen, "power_hard_off"))
    assert "Power off 3 nodes?" in page
    assert "1 of these 3 machines is in use:" in page
    assert fleet["in_use"].serial in page
    assert fleet["ready"].serial not in page
    assert not PowerRequest.objects.exists()
    batch_of(do_selected(admin, chosen, "power_hard_off", confirmed="yes"))
    assert PowerRequest.objects.count() == 3


def test_a_selection_without_machines_in_use_is_one_batch_at_once(
    admin: Client, fleet: dict[str, Node]
) -> None:
    batch_of(do_selected(admin, [fleet["ready"], fleet["maintenance"]], "power_hard_off"))
    assert PowerRequest.objects.values("batch").distinct().count() == 1
    assert ProcrastinateJob.objects.count() == 2


def test_a_machine_that_comes_into_use_while_the_operator_looks_is_not_switched_off(
    admin: Client, fleet: dict[str, Node]
) -> None:
    node = fleet["ready"]
    Node.objects.filter(pk=node.pk).update(status=NodeStatus.IN_USE)
    response = do(admin, node, "power_cycle")  # a button of the page as it was
    assert response.status_code == 200
    assert not PowerRequest.objects.exists()


def test_the_batch_shows_each_node_and_looks_again_until_it_is_finished(
    admin: Client, fleet: dict[str, Node]
) -> None:
    nodes = [fleet["ready"], fleet["maintenance"]]
    url = batch_of(do_selected(admin, nodes, "power_on"))
    response = admin.get(url)
    page, html = text_of(response), response.content.decode()
    assert "Power on asked by ada" in page
    assert "0 of 2 done." in page
    assert all(node.serial in page for node in nodes)
    assert "nodes/follow.js" in html
    assert 'data-finished="no"' in html
    first, second = PowerRequest.objects.order_by("position")
    PowerRequest.objects.filter(pk=first.pk).update(result="done", message="The power is on.")
    PowerRequest.objects.filter(pk=second.pk).update(
        result=PowerResult.FAILED, message=HOSTILE, advice="Check its cable."
    )
    response = admin.get(url)
    page, html = text_of(response), response.content.decode()
    assert "Finished: 1 of 2 done, 1 failed" in page
    assert "The power is on." in page
    assert "Check its cable." in page
    assert "follow.js" not in html
    assert HOSTILE not in html


def test_an_unknown_batch_is_not_found(admin: Client) -> None:
    url = reverse("admin:nodes_powerrequest_batch", args=["4c4c4544-0042-3510-8052-b4c04f333232"])
    assert admin.get(url).status_code == 404


def test_requests_are_listed_and_lead_to_their_batch(admin: Client, fleet: dict[str, Node]) -> None:
    assert "Nothing was asked yet" in text_of(admin.get(REQUESTS))
    url = batch_of(do(admin, fleet["ready"], "power_cycle"))
    response = admin.get(REQUESTS)
    assert url in response.content.decode()
    assert "Power cycle" in text_of(response)
    assert fleet["ready"].serial in text_of(response)
    assert admin.get(f"{REQUESTS}?result__exact=done").status_code == 200
    assert admin.get(f"{REQUESTS}?q=ada").status_code == 200
    key = PowerRequest.objects.get().pk
    assert url in admin.get(f"{REQUESTS}{key}/change/").content.decode()


def test_who_sees_nodes_sees_what_was_asked_and_asks_nothing(
    admin: Client, viewer: Client, fleet: dict[str, Node]
) -> None:
    url = batch_of(do(admin, fleet["ready"], "power_on"))
    assert viewer.get(url).status_code == 200
    assert viewer.get(REQUESTS).status_code == 200
    assert REQUESTS in viewer.get("/admin/").content.decode()
    html = viewer.get(node_url(fleet["ready"])).content.decode()
    assert "/do/power_" not in html
    assert do(viewer, fleet["ready"], "power_hard_off").status_code == 403
    assert PowerRequest.objects.count() == 1


def test_who_sees_no_nodes_sees_no_requests(admin: Client, fleet: dict[str, Node]) -> None:
    url = batch_of(do(admin, fleet["ready"], "power_on"))
    user = User.objects.create_user("pat", password="correct-horse-9", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_pool"))
    client = Client()
    client.force_login(user)
    assert client.get(url).status_code == 403
    assert client.get(REQUESTS).status_code == 403
    assert REQUESTS not in client.get("/admin/").content.decode()


def test_the_list_shows_power_and_filters_by_it_and_by_silent_bmcs(
    admin: Client, fleet: dict[str, Node]
) -> None:
    Bmc.objects.filter(node=fleet["ready"]).update(power="on")
    Bmc.objects.filter(node=fleet["maintenance"]).update(failures=4)
    Bmc.objects.filter(node=fleet["in_use"]).update(failures=1, power="")

    def shown(**query: str) -> set[str]:
        html = admin.get(list_url(), query).content.decode()
        return {name for name, node in fleet.items() if f"/node/{node.pk}/change/" in html}

    assert shown(power="on") == {"ready"}
    assert shown(power="unread") == {"in_use"}
    assert shown(bmc="silent") == {"maintenance"}
    assert shown(bmc="failing") == {"maintenance", "in_use"}
    assert shown(bmc="answers") == {"ready", "registering", "register_failed"}


def test_an_open_breaker_is_shown_and_reset_by_its_button(
    admin: Client, fleet: dict[str, Node]
) -> None:
    node = fleet["ready"]
    assert "breaker_reset" not in admin.get(node_url(node)).content.decode()
    Bmc.objects.filter(node=node).update(failures=3, open_until=node.last_seen)
    page = text_of(admin.get(node_url(node)))
    assert "breaker open failed 3 times in a row" in page
    response = do(admin, node, "breaker_reset")
    assert told(response) == [f"{node} is asked for its power again in the background."]
    assert Bmc.objects.get(node=node).failures == 0
    assert NodeEvent.objects.filter(node=node).latest("id").actor == "ada"


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    """A verb and a card of another app."""
    verb = verbs.Verb(
        name="address",
        label="Give addresses",
        symbol="tag",
        offered=lambda node: node.status == NodeStatus.READY,
        page="admin:ipman_address_changelist",
        permission="ipman.view_address",
    )
    monkeypatch.setattr(verbs, "VERBS", verbs.VERBS.copy())
    monkeypatch.setattr(cards, "_CARDS", {})
    verbs.register(verb)
    (tmp_path / "mine.html").write_text("Here runs {{ card.words }}")
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], tmp_path]}]

    def context(request: HttpRequest, node: Node) -> dict[str, Any] | None:
        return {"words": HOSTILE} if node.status == NodeStatus.READY else None

    cards.register("mine.html", context)


def test_another_apps_verb_leads_to_its_page_for_one_node_and_for_many(
    registered: None, admin: Client, viewer: Client, fleet: dict[str, Node]
) -> None:
    node, other = fleet["ready"], fleet["maintenance"]
    url = f"{reverse('admin:ipman_address_changelist')}?node={node.pk}"
    assert url in admin.get(node_url(node)).content.decode()
    assert "Give addresses" not in text_of(admin.get(node_url(other)))
    assert "Give addresses" not in text_of(viewer.get(node_url(node)))
    response = do_selected(admin, [node, other], "address")
    pages = sorted([node.pk, other.pk])
    assert response["Location"].endswith(f"?node={pages[0]}&node={pages[1]}")


def test_another_apps_card_is_on_the_page_where_it_has_something_to_say(
    registered: None, admin: Client, fleet: dict[str, Node]
) -> None:
    html = admin.get(node_url(fleet["ready"])).content.decode()
    assert "Here runs &lt;script&gt;" in html
    assert "Here runs" not in text_of(admin.get(node_url(fleet["maintenance"])))
