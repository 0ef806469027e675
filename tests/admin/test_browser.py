"""The Admin in a real browser: no errors, all by keyboard, readable in both themes."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from nodes.models import BootRequest, EnrolmentWindow, Node, PowerRequest
from nodes.states import NodeStatus
from tests.admin import fleet as machines
from tests.admin.chromium import WHY_NOT, chromium
from tests.admin.screenshots import log_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason=WHY_NOT),
    pytest.mark.django_db(transaction=True),
]
PASSWORD = "correct-horse-9"

# Contrast of text on its ground as WCAG 2.2 (1.4.3) defines it; colours come from a canvas, so
# that every notation of CSS is understood.
CONTRAST = """
(selector) => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const ground = (element) => {
        for (let e = element; e; e = e.parentElement) {
            const colour = rgba(getComputedStyle(e).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255, 255];
    };
    const light = (colour) => colour.slice(0, 3).map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    return [...document.querySelectorAll(selector)].map((element) => {
        const a = light(rgba(getComputedStyle(element).color));
        const b = light(ground(element));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        return [element.textContent.trim(), ratio];
    });
}
"""


@pytest.fixture
def fleet(transactional_db: None) -> dict[str, Node]:
    """One node in each status, and an operator."""
    User.objects.create_superuser("ada", "", PASSWORD)
    return machines.make_fleet()


@pytest.fixture
def page(browser: Browser, live_server: Any, fleet: dict[str, Node]) -> Iterator[Page]:
    """A page that is logged in, in the light theme; it must end without errors of scripts."""
    faults: list[str] = []
    page = log_in(browser, live_server.url, "ada", PASSWORD, theme="light")
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda entry: faults.append(entry.text) if entry.type == "error" else None)
    yield page
    page.context.close()
    assert faults == []


def test_a_failed_node_is_found_from_the_dashboard_and_put_to_maintenance(
    page: Page, fleet: dict[str, Node]
) -> None:
    node = fleet["register_failed"]
    page.get_by_role("link", name="REGISTER_FAILED").first.click()
    page.locator("#result_list").get_by_role("link", name=str(node.uuid)).click()
    expect(page.get_by_text("What to do:")).to_be_visible()
    page.get_by_role("link", name="Maintenance").click()
    page.get_by_label("Why?").fill("New cable")
    page.get_by_role("button", name="Maintenance").click()
    expect(page.get_by_text("is in maintenance.")).to_be_visible()
    node.refresh_from_db()
    assert (node.status, node.reason) == (NodeStatus.MAINTENANCE, "New cable")


def test_the_identify_light_is_two_clicks_away(page: Page, fleet: dict[str, Node]) -> None:
    page.goto(page.url + f"nodes/node/{fleet['ready'].pk}/change/")
    page.get_by_text("Power: off").click()
    page.get_by_role("button", name="Identify on").click()
    expect(page.get_by_role("heading", name="Identify on asked by ada")).to_be_visible()
    assert PowerRequest.objects.get().actor == "ada"


def test_a_selection_is_retired_after_a_question(page: Page, fleet: dict[str, Node]) -> None:
    page.goto(page.url + "nodes/node/")
    for name in ("ready", "maintenance"):
        row = page.locator("#result_list tr", has_text=fleet[name].serial)
        row.locator("input.action-select").check()
    page.get_by_label("Select action to run").select_option("retire")
    page.locator("#changelist-actions-wrapper button[type=submit]").click()
    expect(page.get_by_role("heading", name="Retire 2 nodes?")).to_be_visible()
    page.get_by_role("button", name="Retire").click()
    expect(page.get_by_text("Retire: done for 2 nodes")).to_be_visible()
    assert Node.objects.filter(status=NodeStatus.RETIRED).count() == 3


def test_a_seen_machine_is_let_in_with_one_button(page: Page) -> None:
    machines.turn_away("4c4c4544-0058-4b10-8032-b8c04f543132")
    page.goto(page.url + "nodes/bootrequest/")
    page.get_by_role("button", name="Open enrolment for 1 hour").click()
    expect(page.get_by_text("Enrolment is open for 10.1.0.0/16")).to_be_visible()
    assert EnrolmentWindow.objects.count() == 1
    assert BootRequest.objects.count() == 1


def test_the_search_is_reached_and_sent_by_keyboard(page: Page, fleet: dict[str, Node]) -> None:
    page.goto(page.url + "nodes/node/")
    page.keyboard.press("/")
    page.keyboard.type(fleet["in_use"].serial)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\?q="))
    expect(page.locator("#result_list tbody tr")).to_have_count(1)


def test_a_nodes_buttons_are_reached_by_keyboard_and_show_the_focus(
    page: Page, fleet: dict[str, Node]
) -> None:
    page.goto(page.url + f"nodes/node/{fleet['ready'].pk}/change/")
    page.get_by_text("Power: off").click()
    button = page.get_by_role("button", name="Identify on")
    for _ in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("e => e === document.activeElement"):
            break
    expect(button).to_be_focused()
    assert button.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_hostile_names_are_text_and_never_run(page: Page) -> None:
    hostile = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>{{1}}`${1}`'
    node = machines.make_node(77, NodeStatus.REGISTER_FAILED, product_name=hostile, serial=hostile)
    Node.objects.filter(pk=node.pk).update(reason=hostile, advice=hostile, step=hostile[:40])
    start = page.url
    for path in ("", "nodes/node/", f"nodes/node/{node.pk}/change/", "nodes/nodeevent/"):
        page.goto(start + path)
        assert page.evaluate("window.owned") is None
    page.goto(f"{start}nodes/node/{node.pk}/change/")
    expect(page.get_by_text("window.owned=1").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_coloured_text_can_be_read(
    theme: str, browser: Browser, live_server: Any, fleet: dict[str, Node]
) -> None:
    page = log_in(browser, live_server.url, "ada", PASSWORD, theme=theme)
    selectors = ".bm-badge, .bm-chip, .bm-soft, .bm-link, .bm-button, .bm-why, .bm-tile .bm-name"
    ratios: dict[str, float] = {}
    for path in ("", "nodes/node/", f"nodes/node/{fleet['quarantined'].pk}/change/"):
        page.goto(f"{live_server.url}/admin/{path}")
        assert page.locator("html").evaluate("e => e.classList.contains('dark')") == (
            theme == "dark"
        )
        ratios |= dict(page.evaluate(CONTRAST, selectors))
    page.context.close()
    assert len(ratios) > 30
    assert {text: ratio for text, ratio in ratios.items() if ratio < 4.5} == {}


def test_the_list_fits_a_desktop_without_scrolling_sideways(page: Page) -> None:
    for number in range(20, 30):
        machines.give_bmc(machines.make_node(number, uuid=UUID(int=2**127 + number)))
    page.goto(page.url + "nodes/node/")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    table = page.locator("#result_list")
    assert table.evaluate("e => e.scrollWidth <= e.parentElement.clientWidth")
