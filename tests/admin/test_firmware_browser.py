"""The pages on firmware in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from nodes.models import FirmwareBaseline, FirmwareUpdate, Node
from nodes.models.firmware import CanaryState, UpdateState
from tests.admin.chromium import WHY_NOT, chromium
from tests.admin.fleet import give_parts, make_node
from tests.admin.screenshots import browser as open_browser
from tests.admin.screenshots import log_in
from tests.admin.test_browser import CONTRAST
from tests.nodes.firmware_rig import baseline

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
def failed(transactional_db: None) -> FirmwareBaseline:
    """A baseline whose canary has failed, and twelve machines."""
    User.objects.create_superuser("ada", "", PASSWORD)
    nodes = [make_node(number, rack="r1", unit=number) for number in range(1, 13)]
    give_parts(nodes[3])
    row = baseline(
        "r640-bios", vendor_pattern="Dell*", product_pattern="*R640", wanted="2.20.0", mode="canary"
    )
    FirmwareUpdate.objects.create(
        node=nodes[3],
        baseline=row,
        revision=1,
        title="BIOS",
        from_version="2.19.1",
        wanted_version="2.20.0",
        state=UpdateState.FAILED,
        attempts=1,
        issue="FW-003",
        reason="BIOS: vendor said that 2.20.0 is in place, but the version is 2.19.1 as before.",
        log_tail="Update successful.",
    )
    FirmwareBaseline.objects.update(
        canary=nodes[3], canary_state=CanaryState.FAILED, canary_at=row.changed_at
    )
    return row


@pytest.fixture(params=["light", "dark"])
def page(
    request: Any, window: Browser, live_server: Any, failed: FirmwareBaseline
) -> Iterator[Page]:
    """A window in each theme; it must end without errors of scripts."""
    faults: list[str] = []
    page = log_in(window, live_server.url, "ada", PASSWORD, theme=request.param)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{live_server.url}/admin/nodes/firmwarebaseline/")
    yield page
    page.context.close()
    assert faults == []


def test_an_operator_sees_a_failed_canary_previews_another_version_and_goes_on(
    page: Page, failed: FirmwareBaseline
) -> None:
    expect(page.get_by_text("canary failed: held")).to_be_visible()
    assert page.evaluate(CONTRAST) == []
    page.get_by_role("link", name="r640-bios").click()
    expect(page.get_by_text("All other nodes are held as they are.")).to_be_visible()
    assert page.evaluate(CONTRAST) == []
    page.get_by_label("Wanted version").fill("2.19.1")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("All of them are where they should be.")).to_be_visible()
    assert FirmwareBaseline.objects.get().wanted == "2.20.0"
    page.get_by_role("link", name="Another canary").click()
    page.get_by_role("button", name="Another canary").click()
    expect(page.get_by_text("waits for another canary", exact=False).first).to_be_visible()
    assert FirmwareBaseline.objects.get().canary is None


def test_a_file_is_added_in_the_browser(page: Page, failed: FirmwareBaseline) -> None:
    page.get_by_role("link", name="r640-bios").click()
    page.get_by_role("link", name="Replace the file").click()
    file = {"name": "bios.exe", "mimeType": "application/octet-stream", "buffer": b"newer"}
    page.get_by_label("File", exact=True).set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Take the file").click()
    expect(page.get_by_text("r640-bios applies bios.exe from now on.")).to_be_visible()
    assert FirmwareBaseline.objects.get().revision == 2


def test_a_nodes_page_shows_the_failed_update(
    page: Page, failed: FirmwareBaseline, live_server: Any
) -> None:
    node = Node.objects.get(pk=failed.updates.get().node_id)
    page.goto(f"{live_server.url}/admin/nodes/node/{node.pk}/change/")
    card = page.locator("#firmware")
    expect(card.get_by_text("but the version is 2.19.1 as before")).to_be_visible()
    assert page.evaluate(CONTRAST) == []
    page.get_by_role("button", name="Try firmware again").click()
    expect(page.get_by_text("is given its failed firmware updates again")).to_be_visible()
