"""The pages on images."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from profiles.models import Image, Profile
from profiles.services import profile_hold
from tests.admin import deployments
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of, told
from tests.baremetal import rig
from tests.profiles.jobs import files_removed

IMAGES = "/admin/profiles/image/"


@pytest.fixture
def web(admin: Client, tmp_path: Path) -> Profile:
    """A profile that follows an image with two versions, and a machine at the earlier one."""
    profile = deployments.make_room(tmp_path)
    deployments.installed(deployments.free(1), "web-1")
    rig.image(tmp_path, "2026.11.2")
    return profile


def version(name: str) -> Image:
    """Return a version of the image."""
    return Image.objects.get(name="debian", version=name)


def test_the_list_says_what_is_current_and_who_boots_it(admin: Client, web: Profile) -> None:
    page = text_of(admin.get(IMAGES))
    assert "debian 2026.11.2 current 7.7 KiB" in page
    assert "debian 2026.11.1 other 7.7 KiB" in page
    rows = {image.version: image for image in _listed(admin)}
    assert (rows["2026.11.2"].following, rows["2026.11.2"].machines) == (1, 0)
    assert rows["2026.11.1"].machines == 1


def test_a_version_shows_its_hashes_and_the_machines_that_boot_it(
    admin: Client, web: Profile
) -> None:
    image = version("2026.11.1")
    page = text_of(admin.get(f"{IMAGES}{image.pk}/change/"))
    for sha256 in (image.kernel_sha256, image.initramfs_sha256, image.root_sha256):
        assert sha256 in page
    assert "Machines that boot it 1" in page
    assert "web-1" in page
    assert "Only profiles that are held at this version deploy it." in page


def test_a_version_is_made_current_after_a_page_says_for_whom(admin: Client, web: Profile) -> None:
    image = version("2026.11.1")
    url = f"{IMAGES}{image.pk}/current/"
    assert url in admin.get(IMAGES).content.decode()
    page = text_of(admin.get(url))
    assert "Promote debian/2026.11.1?" in page
    assert "debian/2026.11.2 → debian/2026.11.1" in page
    assert "web follows debian and deploys this version from now on" in page
    assert "They stay as they were deployed; a redeploy brings them this version." in page
    assert "web-1" in page
    assert version("2026.11.2").current
    response = admin.post(url)
    assert version("2026.11.1").current
    assert not version("2026.11.2").current
    assert told(response) == ["debian/2026.11.1 is current: deployments that begin now boot it."]
    entry = LogEntry.objects.get()
    assert (str(entry.user), entry.get_change_message()) == ("ada", "Made current.")


def test_held_profiles_are_named_as_staying(admin: Client, web: Profile) -> None:
    profile_hold(profile=web, image=version("2026.11.2"))
    page = text_of(admin.get(f"{IMAGES}{version('2026.11.1').pk}/current/"))
    assert "No profile follows debian." in page
    assert "web is held at debian/2026.11.2 and stays there" in page
    assert "Machines of the profiles that follow it 0" in page


def test_a_version_without_a_squashfs_is_said_to_break_profiles_that_boot_one(
    admin: Client, web: Profile, tmp_path: Path
) -> None:
    rig.image(tmp_path, "3", root=False)
    page = text_of(admin.get(f"{IMAGES}{version('3').pk}/current/"))
    assert "its deployments would be refused" in page


@pytest.mark.parametrize(
    ("name", "words"),
    [("2026.11.2", "is the current version"), ("2026.11.1", "a machine boots it")],
)
def test_a_version_that_is_needed_is_not_deleted(
    admin: Client, web: Profile, name: str, words: str
) -> None:
    image = version(name)
    response = admin.post(f"{IMAGES}{image.pk}/delete/", {"post": "yes"})
    assert words in told(response)[0]
    assert default_storage.exists(image.kernel_path)


def test_a_version_that_nothing_needs_goes_with_its_files(
    admin: Client, web: Profile, tmp_path: Path
) -> None:
    rig.image(tmp_path, "3")
    Image.objects.filter(version="3").update(current=False)
    image = version("3")
    assert "debian/3" in text_of(admin.get(f"{IMAGES}{image.pk}/delete/"))
    admin.post(f"{IMAGES}{image.pk}/delete/", {"post": "yes"})
    assert not Image.objects.filter(pk=image.pk).exists()
    files_removed()
    assert not default_storage.exists(image.kernel_path)


def test_images_are_not_written_by_hand(admin: Client, web: Profile) -> None:
    image = version("2026.11.1")
    assert admin.get(f"{IMAGES}add/").status_code == 403
    assert admin.post(f"{IMAGES}{image.pk}/change/", {"name": "x"}).status_code == 403


def test_making_a_version_current_needs_the_permission(web: Profile) -> None:
    user = User.objects.create_user("vic", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_image"))
    client = logged_in(user)
    url = f"{IMAGES}{version('2026.11.1').pk}/"
    page = text_of(client.get(f"{url}change/"))
    assert "Promote" not in page.replace("Promotions", "")
    assert "web-1" not in page  # who may not see deployments gets their number
    assert "Machines that boot it 1 Without the permission" in page
    assert client.post(f"{url}current/").status_code == 403
    assert client.post(f"{url}delete/", {"post": "yes"}).status_code == 403
    assert version("2026.11.2").current


def test_the_list_asks_the_same_for_any_number(admin: Client, web: Profile, tmp_path: Path) -> None:
    admin.get(IMAGES)
    with CaptureQueriesContext(connection) as few:
        admin.get(IMAGES)
    for number in range(6):
        rig.image(tmp_path, f"3.{number}")
        rig.profile(f"more-{number}", held_image=version(f"3.{number}"))
    with CaptureQueriesContext(connection) as many:
        admin.get(IMAGES)
    assert len(many) == len(few)


def test_an_empty_list_says_how_to_add_an_image(admin: Client) -> None:
    page = text_of(admin.get(IMAGES))
    assert "python -m image_builder build RECIPE --publish builds one" in page
    assert "no version of image stage-one is current" in page


def _listed(client: Client) -> list[Any]:
    return list(client.get(IMAGES).context["cl"].result_list)
