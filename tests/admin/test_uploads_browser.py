"""Files are chosen in a real browser, where unfold's own script takes part."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, expect

from tests.admin.chromium import WHY_NOT, chromium
from tests.admin.screenshots import browser as open_browser
from tests.admin.screenshots import log_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason=WHY_NOT),
    pytest.mark.django_db(transaction=True),
]
PASSWORD = "correct-horse-9"
FILES = {
    "expectedmachine": "serial,rack,unit\nSN1,r1,4\n",
    "cable": "rack,unit,interface,switch,port\nr1,4,eno1,leaf-r1a,4\n",
}


@pytest.fixture(scope="module")
def window(django_db_setup: None) -> Iterator[Browser]:
    """Debian's Chromium; see tests/admin/test_browser.py for the variable."""
    with pytest.MonkeyPatch.context() as patch, open_browser() as opened:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield opened


@pytest.mark.parametrize("model", FILES)
def test_a_file_is_chosen_and_checked(
    transactional_db: None, live_server: Any, window: Browser, tmp_path: Path, model: str
) -> None:
    User.objects.create_superuser("ada", "", PASSWORD)
    file = tmp_path / "list.csv"
    file.write_text(FILES[model])
    faults: list[str] = []
    page = log_in(window, live_server.url, "ada", PASSWORD, theme="light")
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{live_server.url}/admin/nodes/{model}/import/")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("1 new").first).to_be_visible()
    page.context.close()
    assert faults == []
