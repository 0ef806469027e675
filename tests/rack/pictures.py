"""Pictures of the Admin, with machines that really booted."""

from pathlib import Path

from playwright.sync_api import Error

from tests.admin.chromium import WHY_NOT, chromium
from tests.admin.screenshots import browser, log_in, picture
from tests.rack.rack import Rack
from tests.rack.server import USER

# Name of the picture, and address below /admin/.
PAGES = (("nodes", "nodes/node/"), ("deployments", "baremetal/baremetal/"))


def take(rack: Rack, folder: Path) -> None:
    """Write a picture of each page into a folder; where the browser fails, that is only said."""
    if chromium() is None:
        print(f"No pictures: {WHY_NOT}")
        return
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with browser() as window:
            page = log_in(window, rack.admin, USER, rack.server.password, theme="light")
            for name, path in PAGES:
                picture(page, f"{rack.admin}/admin/{path}", folder / f"{name}.png")
    except Error as error:
        print(f"No pictures: {error}")
