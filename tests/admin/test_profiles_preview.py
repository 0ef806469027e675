"""What a profile renders to, for whom, while it is being typed."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.test import Client

from nodes.models import NetworkInterface, Node
from profiles.admin.rendered import ENVIRONMENT
from profiles.models import Profile
from profiles.services.preview import MAX_TEXT
from tests.admin import deployments
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of
from tests.baremetal import rig

PREVIEW = "/admin/profiles/profile/preview/"
ADD = "/admin/profiles/profile/add/"


@pytest.fixture
def ready(tmp_path: Path, admin: Client) -> Node:
    """A free node, beside an image and a profile."""
    deployments.make_room(tmp_path)
    return deployments.free(4)


def ask(client: Client, **fields: Any) -> dict[str, Any]:
    """Return the answer to a form as it is being typed."""
    answer = client.post(PREVIEW, {"image_name": "debian", "boots_root": "on", **fields})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_a_command_line_is_rendered_for_a_free_node(admin: Client, ready: Node) -> None:
    found = ask(admin, append="host={{ hostname }} serial={{ serial }}")
    assert f"host=node-{ready.pk} serial={ready.serial}" in found["append"]
    assert "fetch=" in found["append"]
    assert "debian/2026.11.1" in found["image"]
    assert found["problems"]["append"] == []


def test_a_machine_that_is_deployed_is_rendered_as_it_is(admin: Client, ready: Node) -> None:
    row = deployments.installed(ready, "web-7")
    found = ask(admin, append="{{ hostname }} {{ address }}", example=str(ready.pk))
    assert f"web-7 {row.service_address}" in found["append"]
    assert "web-7" in text_of(admin.get(f"{ADD}?node={ready.pk}"))


def test_without_nodes_an_invented_machine_serves(admin: Client, tmp_path: Path) -> None:
    rig.image(tmp_path)
    assert "web-1.example.org" in ask(admin, append="{{ fqdn }}")["append"]


def test_a_node_that_cannot_serve_is_said_in_words(admin: Client, ready: Node) -> None:
    NetworkInterface.objects.filter(node=ready).delete()
    page = text_of(admin.get(f"{ADD}?node={ready.pk}"))
    assert "cannot be deployed: it has no network interface" in page
    assert "An invented machine is shown instead." in page
    assert "There is no node 99999." in text_of(admin.get(f"{ADD}?node=99999"))
    assert admin.get(f"{ADD}?node=' or 1").status_code == 200


def test_problems_come_by_field(admin: Client, ready: Node) -> None:
    found = ask(admin, append="{{ nam }}", install_script="if", config_format="kickstart")
    assert "unknown variable `nam`" in found["problems"]["append"][0]
    assert "no valid shell" in found["problems"]["install_script"][0]
    assert "It cannot be rendered as it is." in found["append"]


@pytest.mark.parametrize("kind", ["preseed", "kickstart", "autoinstall", "cloud-init"])
def test_an_empty_body_shows_the_usual_one_rendered_and_who_looked_at_it(
    admin: Client, ready: Node, kind: str
) -> None:
    found = ask(admin, config_format=kind, boots_root="")
    assert f"from the usual body of {kind}" in found["config"]
    assert ("has nothing against it" in found["config"]) != ("not checked" in found["config"])
    assert "eno1np0" in found["config"] or f"node-{ready.pk}" in found["config"]


def test_what_the_checker_refuses_is_shown_in_its_words(admin: Client, ready: Node) -> None:
    body = "#cloud-config\nssh_pwauth: [1]\nno_such_thing: {{ hostname }}\n"
    found = ask(admin, config_format="cloud-init", config_body=body)
    if "not installed" not in found["config"]:
        assert "refused" in found["config"]
        assert "ssh_pwauth" in found["config"]
    broken = ask(admin, config_format="cloud-init", config_body="a: [")
    assert broken["problems"]["config_body"] != []


def test_what_is_too_long_is_not_looked_at(admin: Client, ready: Node) -> None:
    found = ask(admin, config_format="preseed", config_body="x" * (MAX_TEXT + 1))
    assert found["problems"]["config_body"] == ["It is over 256 KiB, and so not looked at."]
    assert admin.post(PREVIEW, {"append": "x" * (5 << 20)}).status_code == 400


def test_nonsense_is_answered_too(admin: Client, ready: Node) -> None:
    fields = {"config_format": "no-such", "held_image": "99999999", "example": "x" * 99}
    fields["image_name"] = "a\0b"
    assert ask(admin, **fields, append="a\0b")["problems"]["append"] != []


def test_it_needs_the_permission_and_who_may_not_see_nodes_sees_none(
    admin: Client, ready: Node
) -> None:
    assert admin.get(PREVIEW).status_code == 405
    user = User.objects.create_user("vic", password="x", is_staff=True)
    client = logged_in(user)
    assert client.post(PREVIEW).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="change_profile"))
    found = ask(client, append="{{ hostname }} {{ serial }}", example=str(ready.pk))
    assert "web-1 EX1234567" in found["append"]
    assert str(ready.serial) not in found["append"]
    assert Client().post(PREVIEW).status_code == 302


def test_the_page_names_what_stage_two_gives_a_script(admin: Client, ready: Node) -> None:
    given = (settings.BASE_DIR / "boot_scripts" / "bearman-install").read_text()
    page = text_of(admin.get(ADD))
    for name in ENVIRONMENT:
        assert f"${name}" in page
        assert name in given


def test_nothing_of_a_preview_is_saved(admin: Client, ready: Node) -> None:
    before = list(Profile.objects.values())
    ask(admin, append="{{ hostname }}", name="web")
    assert list(Profile.objects.values()) == before
