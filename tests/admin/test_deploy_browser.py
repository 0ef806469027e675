"""Deployments in a real browser: the dialog, a page that follows, a release."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from baremetal.models import Baremetal
from nodes.models import Node
from profiles.models import Profile
from tests.admin import deployments
from tests.admin.chromium import WHY_NOT, chromium
from tests.admin.screenshots import log_in
from tests.admin.test_browser import CONTRAST
from tests.baremetal import rig

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason=WHY_NOT),
    pytest.mark.django_db(transaction=True),
]
PASSWORD = "correct-horse-9"


@pytest.fixture
def room(transactional_db: None, tmp_path: Path) -> Profile:
    """A zone where machines can be deployed, two profiles, and an operator."""
    User.objects.create_superuser("ada", "", PASSWORD)
    profile = deployments.make_room(tmp_path)
    rig.profile("db")
    return profile


@pytest.fixture
def page(browser: Browser, live_server: Any, room: Profile) -> Iterator[Page]:
    """A page that is logged in; it must end without errors of scripts."""
    faults: list[str] = []
    page = log_in(browser, live_server.url, "ada", PASSWORD, theme="light")
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda entry: faults.append(entry.text) if entry.type == "error" else None)
    yield page
    page.context.close()
    assert faults == []


def test_a_selection_is_deployed_and_the_names_follow_the_pattern(page: Page) -> None:
    nodes = [deployments.free(number) for number in (1, 2, 3)]
    page.goto(page.url + "nodes/node/")
    for node in nodes:
        row = page.locator("#result_list tr", has_text=node.serial)
        row.locator("input.action-select").check()
    page.get_by_label("Select action to run").select_option("deploy")
    page.locator("#changelist-actions-wrapper button[type=submit]").click()
    expect(page.get_by_role("heading", name="What each node gets 3")).to_be_visible()

    page.get_by_label("Host names", exact=True).fill("web-{nn}")
    page.get_by_label("First number").fill("7")
    names = page.locator(".bm-hostname")
    assert [name.input_value() for name in names.all()] == ["web-07", "web-08", "web-09"]
    names.nth(0).fill("special")
    page.locator("input[name=node]").nth(1).uncheck()
    assert names.nth(0).input_value() == "special"
    assert names.nth(2).input_value() == "web-08"
    page.get_by_label("Profile").select_option(label="db (version 1, image debian)")
    expect(page.locator("td[data-default]").first).to_contain_text("db (version 1")
    page.get_by_role("button", name="Deploy 2").click()

    expect(page.get_by_text("2 nodes are being deployed: special, web-08.")).to_be_visible()
    rows = Baremetal.objects.order_by("hostname")
    assert [(r.hostname, r.node_id, r.profile_name) for r in rows] == [
        ("special", nodes[0].pk, "db"),
        ("web-08", nodes[2].pk, "db"),
    ]


def test_a_large_selection_goes_on_by_itself(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baremetal.admin.asked.ENOUGH_SECONDS", 0.0)
    nodes = [deployments.free(number) for number in range(1, 5)]
    keys = "&".join(f"node={node.pk}" for node in nodes)
    page.goto(f"{page.url}baremetal/baremetal/deploy/?{keys}")
    page.get_by_role("button", name="Deploy 4").click()
    expect(page.get_by_text("4 nodes are being deployed:")).to_be_visible(timeout=15_000)
    assert Baremetal.objects.count() == 4


def test_a_double_click_deploys_once(page: Page) -> None:
    node = deployments.free(1)
    page.goto(f"{page.url}nodes/node/{node.pk}/change/")
    page.locator("#baremetal").get_by_role("link", name="Deploy").click()
    page.get_by_label("Host name", exact=True).fill("web-1")
    page.get_by_role("button", name="Deploy").dblclick()
    expect(page.get_by_text("web-1 is being deployed. This page follows it.")).to_be_visible()
    assert Baremetal.objects.count() == 1


def test_the_page_follows_its_deployment_until_it_rests(page: Page) -> None:
    row = deployments.deployed(deployments.free(1), "web-1")
    page.goto(f"{page.url}baremetal/baremetal/{row.pk}/change/")
    banner = page.locator(".bm-banner")
    expect(banner).to_contain_text("power_on")
    deployments.voice(row).install()
    expect(banner).to_contain_text("INSTALLED", timeout=10_000)
    expect(banner).to_contain_text("ssh root@10.20.0.10")
    expect(page.locator("#follow")).to_have_attribute("data-finished", "yes")


def test_what_the_reader_has_selected_stays(page: Page) -> None:
    row = deployments.deployed(deployments.free(1), "web-1")
    page.goto(f"{page.url}baremetal/baremetal/{row.pk}/change/")
    page.get_by_text("ssh root@10.20.0.10").select_text()
    deployments.voice(row).install()
    page.wait_for_timeout(3000)
    assert page.evaluate("String(getSelection())") == "ssh root@10.20.0.10"
    page.evaluate("getSelection().removeAllRanges()")
    expect(page.locator(".bm-banner")).to_contain_text("INSTALLED", timeout=10_000)


def test_a_machine_is_released_after_a_question(page: Page) -> None:
    row = deployments.installed(deployments.free(1), "web-1")
    page.goto(f"{page.url}baremetal/baremetal/{row.pk}/change/")
    page.get_by_role("link", name="Release").click()
    expect(page.get_by_role("heading", name="Release web-1?")).to_be_visible()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("web-1 is being released.")).to_be_visible()
    row.refresh_from_db()
    assert row.state == "RELEASING"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_coloured_text_can_be_read(
    theme: str, browser: Browser, live_server: Any, room: Profile
) -> None:
    spare = deployments.free(8)
    row = deployments.failed(deployments.free(1), "web-1")
    deployments.overdue(deployments.deployed(deployments.free(2), "web-2"))
    done = deployments.installed(deployments.free(3), "web-3")
    deployments.silent(done)
    page = log_in(browser, live_server.url, "ada", PASSWORD, theme=theme)
    selectors = ".bm-badge, .bm-chip, .bm-soft, .bm-link, .bm-button, .bm-why, .bm-error"
    ratios: dict[str, float] = {}
    for path in (
        *("", "baremetal/baremetal/", f"baremetal/baremetal/{row.pk}/change/"),
        f"baremetal/baremetal/deploy/?node={spare.pk}&node={row.node_id}",
        f"baremetal/baremetal/do/release/?baremetal={done.pk}&baremetal={row.pk}",
    ):
        page.goto(f"{live_server.url}/admin/{path}")
        ratios |= dict(page.evaluate(CONTRAST, selectors))
    page.context.close()
    assert len(ratios) > 30
    assert {text: ratio for text, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_fit_the_window(width: int, page: Page) -> None:
    nodes: list[Node] = [deployments.free(number) for number in (5, 6)]
    row = deployments.failed(deployments.free(1), "a-host-name-of-some-length-in-a-rack-1")
    start = page.url
    page.set_viewport_size({"width": width, "height": 900})
    keys = "&".join(f"node={node.pk}" for node in nodes)
    for path in (
        f"baremetal/baremetal/{row.pk}/change/",
        f"baremetal/baremetal/deploy/?{keys}",
        f"baremetal/baremetal/do/redeploy/?baremetal={row.pk}",
    ):
        page.goto(start + path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
