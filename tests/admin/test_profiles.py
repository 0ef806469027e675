"""The pages on profiles: the form, what it renders to, and the question before a change."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from baremetal.models import Baremetal
from profiles.admin.form import stock_script
from profiles.models import Image, Profile
from profiles.services import profile_save
from tests.admin import deployments
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of, told
from tests.baremetal import rig

PROFILES = "/admin/profiles/profile/"
ADD = f"{PROFILES}add/"
HOSTILE = '"><script>owned()</script>{{ 7*7 }}'


@pytest.fixture
def web(tmp_path: Path, admin: Client) -> Profile:
    """A profile that a machine has, and that a flavor gives."""
    profile = deployments.make_room(tmp_path)
    deployments.installed(deployments.free(1), "web-1")
    profile.refresh_from_db()
    return profile


def url_of(profile: Profile) -> str:
    """Return the address of a profile's page."""
    return f"{PROFILES}{profile.pk}/change/"


def form_of(profile: Profile, **changes: Any) -> dict[str, Any]:
    """Return the form of a profile as a browser sends it."""
    fields = {
        "read_version": profile.version,
        "name": profile.name,
        "notes": profile.notes,
        "image_name": profile.image_name,
        "held_image": profile.held_image_id or "",
        "append": profile.append,
        "boots_root": "on",
        "install_script": profile.install_script.replace("\n", "\r\n"),
        "config_format": profile.config_format,
        "config_body": profile.config_body,
    } | changes
    return {name: value for name, value in fields.items() if value is not None}


def test_a_new_profile_starts_with_the_script_that_sets_up_the_network(
    admin: Client, tmp_path: Path
) -> None:
    rig.image(tmp_path)
    response = admin.get(ADD)
    assert response.context["adminform"].form["install_script"].value() == stock_script()
    assert "boot=live ip=dhcp console=ttyS0" in text_of(response)
    assert "Shown rendered for" in text_of(response)
    assert stock_script().startswith("#!/bin/sh")


def test_a_profile_is_added_at_once_and_it_is_written_down_who_did(
    admin: Client, tmp_path: Path
) -> None:
    rig.image(tmp_path)
    fields = form_of(Profile(name="web", image_name="debian", install_script="echo hello\n"))
    assert admin.post(ADD, fields).status_code == 302
    profile = Profile.objects.get()
    assert (profile.version, profile.install_script) == (1, "echo hello\n")
    assert str(LogEntry.objects.get().user) == "ada"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"append": "host={{ hostnam }}"}, "append", "did you mean `hostname`?"),
        ({"append": "a ${b}"}, "append", "`${` has a meaning to iPXE"),
        ({"install_script": "if true; then"}, "install_script", "is no valid shell"),
        ({"config_body": "x"}, "config_body", "The format `none` has no body"),
        ({"image_name": "none"}, "image_name", "There is no image none."),
        ({"name": "two words"}, "name", "valid “slug”"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    admin: Client, tmp_path: Path, changes: dict[str, str], field: str, words: str
) -> None:
    rig.image(tmp_path)
    profile = Profile(name="web", image_name="debian", install_script="echo kept\n")
    response = admin.post(ADD, form_of(profile, **changes))
    assert words in " ".join(response.context["adminform"].form.errors[field])
    assert words in text_of(response)
    assert not Profile.objects.exists()
    assert ("echo kept" in text_of(response)) == (field != "install_script")


def test_a_preview_without_scripts_shows_the_form_as_it_is_and_saves_nothing(
    admin: Client, web: Profile
) -> None:
    changes = {"append": "host={{ hostname }}", "example": "0", "_preview": "1"}
    page = text_of(admin.post(url_of(web), form_of(web, **changes)))
    assert "host=web-1 fetch=" in page  # the invented machine's name
    assert "Please correct" not in page
    web.refresh_from_db()
    assert "hostname" not in web.append
    wrong = text_of(admin.post(url_of(web), form_of(web, append="{{ x }}", _preview="1")))
    assert "unknown variable `x`" in wrong


def test_a_change_is_shown_with_its_machines_before_it_is_saved(
    admin: Client, web: Profile
) -> None:
    deployments.free(2)
    changes = {"append": "quiet", "install_script": "echo hello\necho there\n", "example": "0"}
    page = text_of(admin.post(url_of(web), form_of(web, **changes)))
    assert "Change profile web? It becomes version 2." in page
    assert "boot=live ip=dhcp console=ttyS0 → quiet" in page
    assert "+echo there" in page
    assert "-echo hello" not in page
    assert "They stay as they were deployed; a redeploy brings them this." in page
    assert "INSTALLED web, version 1 debian/2026.11.1" in page
    assert "Flavor compute-1u gives it by default: its 2 nodes , 1 of them READY" in page
    assert "Before boot=live ip=dhcp console=ttyS0 fetch=" in page
    assert "After quiet fetch=" in page
    web.refresh_from_db()
    assert web.version == 1


def test_the_page_carries_the_whole_form_and_confirming_saves_it(
    admin: Client, web: Profile
) -> None:
    script = "set -eu\n\nprintf '%s\\n' \"<&>\"\n"
    response = admin.post(url_of(web), form_of(web, install_script=script, notes="New"))
    sent = dict(response.context["sent"])
    assert sent["install_script"] == script
    assert admin.post(url_of(web), sent | {"_confirmed": "yes"}).status_code == 302
    web.refresh_from_db()
    assert (web.install_script, web.notes, web.version) == (script, "New", 2)
    assert LogEntry.objects.get().get_change_message() == "Changed Notes and Install script."
    row = Baremetal.objects.get()
    assert (row.profile_version, row.spec["script"]) == (1, "echo hello\n")


def test_back_from_the_question_keeps_what_was_typed(admin: Client, web: Profile) -> None:
    sent = dict(admin.post(url_of(web), form_of(web, append="quiet")).context["sent"])
    response = admin.post(url_of(web), sent | {"_preview": "back"})
    assert response.context["adminform"].form["append"].value() == "quiet"
    assert Profile.objects.get(pk=web.pk).append != "quiet"


def test_a_form_without_a_change_asks_nothing(admin: Client, web: Profile) -> None:
    assert admin.post(url_of(web), form_of(web)).status_code == 302
    web.refresh_from_db()
    assert web.version == 1


def test_a_note_makes_no_new_version(admin: Client, web: Profile) -> None:
    page = text_of(admin.post(url_of(web), form_of(web, notes="For the shop")))
    assert "Nothing of what is deployed changes, so the version stays." in page
    admin.post(url_of(web), form_of(web, notes="For the shop", _confirmed="yes"))
    web.refresh_from_db()
    assert (web.notes, web.version) == ("For the shop", 1)


@pytest.mark.parametrize("confirmed", [{}, {"_confirmed": "yes"}])
def test_a_change_of_what_somebody_else_has_changed_is_refused_with_nothing_lost(
    admin: Client, web: Profile, confirmed: dict[str, str]
) -> None:
    mine = form_of(web, append="mine", **confirmed)
    web.append = "theirs"
    profile_save(profile=web)
    response = admin.post(url_of(web), mine)
    assert "Somebody has changed profile web in the meantime; it is at version 2" in text_of(
        response
    )
    assert response.context["adminform"].form["append"].value() == "mine"
    assert Profile.objects.get(pk=web.pk).append == "theirs"


def test_a_change_without_the_version_that_was_read_is_not_taken(
    admin: Client, web: Profile
) -> None:
    admin.post(url_of(web), form_of(web, append="mine", read_version=None, _confirmed="yes"))
    assert Profile.objects.get(pk=web.pk).append != "mine"


def test_it_is_rolled_back_in_one_action_after_a_question(
    admin: Client, web: Profile, tmp_path: Path
) -> None:
    earlier = Image.objects.get(name="debian")
    rig.image(tmp_path, "2026.11.2")
    url = f"{PROFILES}{web.pk}/hold/{earlier.pk}/"
    page = admin.get(url_of(web)).content.decode()
    assert f'href="{url}"' in page
    assert "Roll back to debian/2026.11.1" in page
    question = admin.get(url)
    assert "web: roll back to debian/2026.11.1?" in text_of(question)
    assert "debian/2026.11.2 → debian/2026.11.1" in text_of(question)
    assert "web-1" in text_of(question)
    response = admin.post(url, dict(question.context["sent"]))
    web.refresh_from_db()
    assert (web.held_image, web.version) == (earlier, 2)
    assert "web: Held at debian/2026.11.1. It is at version 2 now" in told(response)[0]
    assert LogEntry.objects.get().get_change_message() == "Held at debian/2026.11.1."
    back = f"{PROFILES}{web.pk}/follow/"
    admin.post(back, dict(admin.get(back).context["sent"]))
    web.refresh_from_db()
    assert (web.held_image, web.version) == (None, 3)


def test_a_roll_back_of_what_was_changed_in_the_meantime_is_refused(
    admin: Client, web: Profile, tmp_path: Path
) -> None:
    earlier = Image.objects.get(name="debian")
    rig.image(tmp_path, "2026.11.2")
    response = admin.post(f"{PROFILES}{web.pk}/hold/{earlier.pk}/", {"read_version": "9"})
    assert "Somebody has changed profile web" in told(response)[0]
    web.refresh_from_db()
    assert web.held_image is None
    assert not LogEntry.objects.exists()


def test_a_version_of_another_image_is_not_there_to_hold(
    admin: Client, web: Profile, tmp_path: Path
) -> None:
    other = rig.image(tmp_path, "1", name="other")
    assert admin.get(f"{PROFILES}{web.pk}/hold/{other.pk}/").status_code == 404


def test_a_profile_in_use_is_not_deleted_and_the_page_says_by_what(
    admin: Client, web: Profile
) -> None:
    response = admin.post(f"{PROFILES}{web.pk}/delete/", {"post": "yes"})
    assert told(response)[0].startswith("Profile web is in use by compute-1u, web-1.")
    assert Profile.objects.exists()
    spare = rig.profile("spare")
    admin.post(f"{PROFILES}{spare.pk}/delete/", {"post": "yes"})
    assert not Profile.objects.filter(name="spare").exists()


def test_the_list_asks_the_same_for_any_number(admin: Client, web: Profile, tmp_path: Path) -> None:
    with CaptureQueriesContext(connection) as few:
        page = text_of(admin.get(PROFILES))
    assert "web debian/2026.11.1 none 1 compute-1u 1" in page
    for number in range(8):
        rig.profile(f"more-{number}", held_image=Image.objects.get(name="debian"))
    with CaptureQueriesContext(connection) as many:
        admin.get(PROFILES)
    assert len(many) == len(few)


def test_the_page_and_the_question_ask_the_same_for_any_number_of_machines(
    admin: Client, web: Profile
) -> None:
    def queries() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as page:
            admin.get(url_of(web))
        with CaptureQueriesContext(connection) as question:
            admin.post(url_of(web), form_of(web, append="quiet"))
        return len(page), len(question)

    deployments.free(9)
    few = queries()
    for number in range(2, 6):
        deployments.installed(deployments.free(number), f"web-{number}")
    assert queries() == few


def test_an_empty_list_says_what_to_do_first(admin: Client) -> None:
    assert "Add an image first" in text_of(admin.get(PROFILES))


def test_who_may_only_look_sees_it_rendered_and_changes_nothing(
    web: Profile, tmp_path: Path
) -> None:
    client = person("view_profile")
    page = text_of(client.get(url_of(web)))
    assert "boot=live ip=dhcp console=ttyS0" in page
    assert "Shown rendered for an invented machine" in page
    assert "web-1," not in page
    assert "Roll back" not in page
    for path in (url_of(web), f"{PROFILES}{web.pk}/follow/", f"{PROFILES}preview/", ADD):
        assert client.post(path, form_of(web, append="mine")).status_code == 403
    assert Profile.objects.get(pk=web.pk).append != "mine"


def test_hostile_text_is_only_text(admin: Client, web: Profile) -> None:
    changes = {"append": HOSTILE, "notes": HOSTILE, "install_script": f"echo '{HOSTILE}'"}
    for more in ({}, {"_preview": "1"}):
        page = admin.post(url_of(web), form_of(web, **changes, **more)).content.decode()
        assert "<script>owned()" not in page
    question = admin.post(url_of(web), form_of(web, notes=HOSTILE, install_script="echo $HOME"))
    assert "<script>owned()" not in question.content.decode()
    assert "&lt;script&gt;owned()" in question.content.decode()


def person(*permissions: str) -> Client:
    """Return a client of somebody with these permissions alone."""
    user = User.objects.create_user("vic", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return logged_in(user)
