"""The pages on profiles in a real browser: rendered while typing, asked before saving."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from profiles.models import Profile
from profiles.services import profile_save
from tests.admin import deployments
from tests.admin.chromium import WHY_NOT, chromium
from tests.admin.screenshots import browser as open_browser
from tests.admin.screenshots import log_in
from tests.admin.test_browser import CONTRAST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason=WHY_NOT),
    pytest.mark.django_db(transaction=True),
]
PASSWORD = "correct-horse-9"


@pytest.fixture(scope="module")
def window(django_db_setup: None) -> Iterator[Browser]:
    """Debian's Chromium; see tests/admin/test_browser.py for the variable."""
    with pytest.MonkeyPatch.context() as patch, open_browser() as opened:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield opened


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Profile:
    """A profile that a machine has, a free node, and an operator."""
    User.objects.create_superuser("ada", "", PASSWORD)
    profile = deployments.make_room(tmp_path)
    deployments.installed(deployments.free(1), "web-1")
    deployments.free(4)
    return profile


@pytest.fixture
def page(window: Browser, live_server: Any, web: Profile) -> Iterator[Page]:
    """The profile's page; it must end without errors of scripts."""
    faults: list[str] = []
    page = log_in(window, live_server.url, "ada", PASSWORD, theme="light")
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{live_server.url}/admin/profiles/profile/{web.pk}/change/")
    yield page
    page.context.close()
    assert faults == []


def test_what_is_typed_is_rendered_beside_it(page: Page) -> None:
    rendered = page.locator("#rendered-append")
    page.locator("#id_append").fill("host={{ hostname }} disk={{ disk }}")
    expect(rendered).to_contain_text("disk=/dev/nvme0n1")
    page.get_by_label("Shown rendered for").select_option("an invented machine")
    expect(rendered).to_contain_text("host=web-1 disk=/dev/sda")
    page.locator("#id_append").fill("host={{ hostnam }}")
    expect(page.locator("#problems-append")).to_contain_text("did you mean `hostname`?")
    page.locator("#id_append").fill("quiet")
    expect(page.locator("#problems-append")).to_be_empty()


def test_a_formats_usual_body_is_taken_over_and_changed(page: Page) -> None:
    page.get_by_label("Config format").select_option("preseed")
    config = page.locator("#rendered-config")
    expect(config).to_contain_text("from the usual body of preseed")
    page.get_by_text("The usual body, to start from").click()
    page.get_by_role("button", name="Take it over").click()
    expect(config).not_to_contain_text("from the usual body")
    expect(page.locator("#id_config_body")).to_have_value(re.compile("{{ network }}"))


def test_a_change_is_asked_about_gone_back_from_and_saved(page: Page, web: Profile) -> None:
    page.locator("#id_install_script").fill("set -eu\necho 'a  b' > /etc/motd\n")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Change profile web?")).to_be_visible()
    expect(page.get_by_text("+echo 'a  b' > /etc/motd")).to_be_visible()
    expect(page.get_by_role("link", name="web-1")).to_be_visible()
    page.get_by_role("button", name="Back to the form").click()
    expect(page.locator("#id_install_script")).to_have_value("set -eu\necho 'a  b' > /etc/motd\n")
    page.locator("#id_append").fill("quiet")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    web.refresh_from_db()
    assert (web.append, web.version) == ("quiet", 2)
    assert web.install_script == "set -eu\necho 'a  b' > /etc/motd\n"


def test_who_comes_second_is_told_and_loses_nothing(page: Page, web: Profile) -> None:
    page.locator("#id_append").fill("mine")
    page.get_by_role("button", name="Save", exact=True).click()
    web.append = "theirs"
    profile_save(profile=web)
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_text("Somebody has changed profile web in the meantime")).to_be_visible()
    expect(page.locator("#id_append")).to_have_value("mine")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_coloured_text_can_be_read(
    theme: str, window: Browser, live_server: Any, web: Profile
) -> None:
    page = log_in(window, live_server.url, "ada", PASSWORD, theme=theme)
    page.goto(f"{live_server.url}/admin/profiles/profile/{web.pk}/change/")
    selectors = ".bm-badge, .bm-soft, .bm-link, .bm-button, .bm-help, .bm-hint, .bm-pre, .bm-source"
    ratios = dict(page.evaluate(CONTRAST, selectors))
    page.locator("#id_append").fill("quiet")
    page.locator("#id_install_script").fill("echo there")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Change profile web?")).to_be_visible()
    ratios |= dict(page.evaluate(CONTRAST, f"{selectors}, del, ins, .bm-added, .bm-removed"))
    page.context.close()
    assert len(ratios) > 15
    assert {text: ratio for text, ratio in ratios.items() if ratio < 4.5} == {}


def test_the_page_fits_a_telephone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
