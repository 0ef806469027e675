"""The Admin as a browser without scripts uses it, over HTTP."""

import re
from html import unescape
from typing import Self

import requests

from tests.rack.server import USER
from tests.rack.shell import RackError

SECONDS = 60
LOGIN = "/admin/login/?next=/admin/nodes/node/"
DEPLOY = "/admin/baremetal/baremetal/deploy/"


class Admin:
    """A person who is logged in to the Admin."""

    def __init__(self, url: str, password: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._password = password

    def __enter__(self) -> Self:
        form = inputs(self._get(LOGIN))
        self._post(LOGIN, form | {"username": USER, "password": self._password})
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def deploy(self, node_id: str, profile: str, *, hostname: str, ssh_keys: str = "") -> None:
        """Fill in the deploy form for a node and send it; raises RackError if it is not taken."""
        place = f"{DEPLOY}?node={node_id}"
        page = self._get(place)
        chosen = re.search(rf'<option value="(\d+)"[^>]*>\s*{re.escape(profile)} ', page)
        if not chosen:
            raise RackError(f"The deploy form does not offer the profile {profile}.")
        form = inputs(page) | {"node": node_id, "profile": chosen[1], "hostname": hostname}
        after = self._post(place, form | {"ssh_keys": ssh_keys})
        if not after.endswith("/change/"):
            raise RackError(f"The Admin did not deploy node {node_id}; it stayed at {after}.")

    def _get(self, path: str) -> str:
        answer = self._session.get(self._url + path, timeout=SECONDS)
        answer.raise_for_status()
        return answer.text

    def _post(self, path: str, form: dict[str, str]) -> str:
        """Send a form, and return the address of the page that follows."""
        headers = {"Referer": self._url + path}
        answer = self._session.post(self._url + path, form, headers=headers, timeout=SECONDS)
        answer.raise_for_status()
        return answer.url


def inputs(page: str) -> dict[str, str]:
    """Return what a browser would send of a page's input fields as they are."""
    form = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        names = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if names.get("type") != "checkbox" or " checked" in tag:
            form[names.get("name", "")] = unescape(names.get("value", ""))
    form.pop("", None)
    return form
