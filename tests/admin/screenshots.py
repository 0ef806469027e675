"""Takes pictures of the Admin's pages, in the light and the dark theme.

    python -m tests.admin.screenshots URL USER PASSWORD FOLDER

It looks for nodes and deployments in some states by itself, and changes nothing.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.admin.chromium import ARGUMENTS, chromium

SIZE = {"width": 1440, "height": 900}

# Name of the picture, and address below /admin/.
PAGES = (
    ("dashboard", ""),
    ("nodes", "nodes/node/"),
    ("round-up", "nodes/node/round-up/"),
    ("expected", "nodes/expectedmachine/"),
    ("identity-desk", "nodes/quarantinednode/"),
    ("baremetals", "baremetal/baremetal/"),
    ("pools", "ipman/pool/"),
    ("addresses", "ipman/address/"),
    ("seen", "nodes/bootrequest/"),
    ("enrolment", "nodes/enrolmentwindow/"),
    ("zones", "nodes/availabilityzone/"),
    ("profiles", "profiles/profile/"),
    ("profile-new", "profiles/profile/add/"),
    ("images", "profiles/image/"),
    ("flavors", "profiles/flavor/"),
    ("boot-scripts", "profiles/scriptrelease/"),
    ("jobs", "procrastinate/procrastinatejob/"),
)
# Name of the picture, and the list whose first row it shows.
FIRST_ROWS = (
    ("profile", "profiles/profile/"),
    ("image", "profiles/image/"),
    ("identity-machine", "nodes/quarantinednode/"),
)
# Name of the picture, status of the node, and address below that of its page.
NODES = (
    ("node", "READY", ""),
    ("node-failed", "REGISTER_FAILED", ""),
    ("node-quarantined", "QUARANTINED", ""),
    ("node-retire", "READY", "../do/retire/"),
    ("node-in-use", "IN_USE", ""),
)
# Name of the picture, state of the deployment, and what its dialog does.
DEPLOYMENTS = (
    ("deploying", "DEPLOY_START", ""),
    ("deploying-later", "DEPLOYING", ""),
    ("installed", "INSTALLED", ""),
    ("deployment-failed", "UNRECOVERABLE_ERROR", ""),
    ("release", "INSTALLED", "release"),
    ("redeploy", "UNRECOVERABLE_ERROR", "redeploy"),
    ("cancel", "DEPLOY_START", "cancel"),
)
READY = 6  # nodes in the picture of the deploy dialog


def take(url: str, user: str, password: str, folder: Path) -> list[Path]:
    """Write a PNG of each page for each theme into `folder`, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with browser() as window:
        for theme in ("light", "dark"):
            page = log_in(window, url, user, password, theme=theme)
            for name, path in PAGES:
                if picture(page, f"{url}/admin/{path}", folder / f"{name}-{theme}.png"):
                    written.append(folder / f"{name}-{theme}.png")
            for name, path in FIRST_ROWS:
                address = first_row(page, url, path)
                if address and picture(page, address, folder / f"{name}-{theme}.png", whole=True):
                    written.append(folder / f"{name}-{theme}.png")
            for name, status, path in NODES:
                address = first_node(page, url, status)
                if address and picture(page, address + path, folder / f"{name}-{theme}.png"):
                    written.append(folder / f"{name}-{theme}.png")
            for name, address in deployments(page, url):
                if picture(page, address, folder / f"{name}-{theme}.png", whole=True):
                    written.append(folder / f"{name}-{theme}.png")
    return written


def deployments(page: Page, url: str) -> Iterator[tuple[str, str]]:
    """Return the names of pictures and the addresses of deployments and their dialogs."""
    for name, state, verb in DEPLOYMENTS:
        key = first_deployment(page, url, state)
        if key:
            home = f"{url}/admin/baremetal/baremetal"
            dialog = f"{home}/do/{verb}/?baremetal={key}"
            yield name, dialog if verb else f"{home}/{key}/change/"
    page.goto(f"{url}/admin/nodes/node/?status__exact=READY")
    boxes = page.locator("#result_list input.action-select").all()[:READY]
    keys = [f"node={box.get_attribute('value')}" for box in boxes]
    if keys:
        yield "deploy", f"{url}/admin/baremetal/baremetal/deploy/?{keys[0]}"
        yield "deploy-selection", f"{url}/admin/baremetal/baremetal/deploy/?{'&'.join(keys)}"


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium and end it."""
    path = chromium()
    if path is None:
        raise SystemExit("There is no Chromium: run `make browser`.")
    with sync_playwright() as playwright:
        window = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield window
        finally:
            window.close()


def log_in(window: Browser, url: str, user: str, password: str, *, theme: str) -> Page:
    """Return a page that is logged in to the Admin, in one theme."""
    context = window.new_context(viewport=SIZE, color_scheme=theme, locale="en-GB")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{url}/admin/login/?next=/admin/")
    page.get_by_label("Username").fill(user)
    page.locator("input[name=password]").fill(password)
    page.locator("form button[type=submit]").click()
    page.wait_for_url("**/admin/")
    return page


def first_node(page: Page, url: str, status: str) -> str | None:
    """Return the address of the newest node in a status, or None."""
    page.goto(f"{url}/admin/nodes/node/?status__exact={status}")
    link = page.locator("#result_list .field-uuid_cell a").first
    if not link.count():
        return None
    return f"{url}{str(link.get_attribute('href')).split('?')[0]}"


def first_deployment(page: Page, url: str, state: str) -> str | None:
    """Return the number of the newest deployment in a state, or None."""
    page.goto(f"{url}/admin/baremetal/baremetal/?state={state}")
    box = page.locator("#result_list input.action-select").first
    return box.get_attribute("value") if box.count() else None


def first_row(page: Page, url: str, path: str) -> str | None:
    """Return the address of the first row of a list, or None for an empty one."""
    page.goto(f"{url}/admin/{path}")
    link = page.locator("#result_list tbody th a").first
    return f"{url}{link.get_attribute('href')}" if link.count() else None


def picture(page: Page, address: str, path: Path, *, whole: bool = False) -> bool:
    """Write a PNG of a page; false where the page is not there."""
    response = page.goto(address)
    page.wait_for_load_state("networkidle")
    if response is None or not response.ok:
        return False
    page.screenshot(path=path, full_page=whole)
    return True


if __name__ == "__main__":
    _, site, name, secret, target = sys.argv
    for picture_path in take(site.rstrip("/"), name, secret, Path(target)):
        print(picture_path)
