"""The pages on what changes between versions, on promotions and on uploads."""

import json
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bearman import storage
from profiles.models import Image, ImagePromotion, ImageUpload, Profile
from profiles.services import image_add_folder
from profiles.services.uploads import image_begin
from tests.admin import deployments
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of, told
from tests.baremetal import rig
from tests.profiles.builds import build

IMAGES = "/admin/profiles/image/"
FIRST = {"bash": "5.2-1", "nano": "7.2-1", "tar": "1.34"}
SECOND = {"bash": "5.2-2", "curl": "8.5-1", "tar": "1.34"}


@pytest.fixture
def two(admin: Client, tmp_path: Path) -> tuple[Image, Image]:
    """Two versions with lists of packages, the second one current."""
    folders = [
        build("noble", str(number), packages=packages).write(tmp_path / str(number))
        for number, packages in enumerate((FIRST, SECOND), start=1)
    ]
    first, second = (image_add_folder(folder=folder, by="olga")[0] for folder in folders)
    return first, second


def compare(first: Image, second: Image, **more: str) -> str:
    """The address of a comparison."""
    query = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{IMAGES}compare/?before={first.pk}&after={second.pk}{query}"


def test_packages_of_two_versions_are_compared_with_counts(
    admin: Client, two: tuple[Image, Image]
) -> None:
    page = text_of(admin.get(compare(*two)))
    assert "3 all 1 added 1 removed 1 changed" in page
    assert "bash changed 5.2-1 5.2-2" in page
    assert "curl added — 8.5-1" in page
    assert "nano removed 7.2-1 —" in page
    assert "tar" not in page.split("Package Change")[1]


def test_a_comparison_is_narrowed_by_words_and_kind(
    admin: Client, two: tuple[Image, Image]
) -> None:
    page = text_of(admin.get(compare(*two, q="CURL")))
    assert "curl added" in page
    assert "bash changed" not in page
    assert "No change fits." in text_of(admin.get(compare(*two, q="zzz")))
    page = text_of(admin.get(compare(*two, kind="removed")))
    assert "nano removed" in page
    assert "curl added" not in page


def test_a_comparison_says_what_it_cannot_do(
    admin: Client, two: tuple[Image, Image], tmp_path: Path
) -> None:
    assert "Choose two versions" in text_of(admin.get(f"{IMAGES}compare/"))
    assert "Both have the same packages" in text_of(admin.get(compare(two[0], two[0])))
    bare = rig.image(tmp_path)
    assert "debian/1 has no list of packages." in text_of(admin.get(compare(two[0], bare)))
    for wrong in ("?before=x&after=99999999999999999999", "?before=%00", "?q=%27%3Cscript%3E"):
        assert admin.get(f"{IMAGES}compare/{wrong}").status_code == 200


def test_a_version_shows_what_it_is_and_who_promoted_it(
    admin: Client, two: tuple[Image, Image]
) -> None:
    page = text_of(admin.get(f"{IMAGES}{two[1].pk}/change/"))
    assert "Roll back to 1" in page
    assert "Compare with 1" in page
    assert "sbom.spdx.json" in page
    assert "2 promoted 1 olga" in page
    assert "stage-two" in page
    assert "not signed" in page
    page = text_of(admin.get(f"{IMAGES}{two[0].pk}/change/"))
    assert "From noble/2 to noble/1: 1 added, 1 removed, 1 changed." in page


def test_all_packages_are_listed_and_searched(admin: Client, two: tuple[Image, Image]) -> None:
    url = f"{IMAGES}{two[0].pk}/packages/"
    assert "bash 5.2-1 nano 7.2-1 tar 1.34" in text_of(admin.get(url))
    page = text_of(admin.get(f"{url}?q=nan"))
    assert "nano 7.2-1" in page
    assert "bash" not in page
    assert "No package fits." in text_of(admin.get(f"{url}?q=zzz"))


def test_a_manifest_is_sent_as_it_was_signed(admin: Client, two: tuple[Image, Image]) -> None:
    answer = admin.get(f"{IMAGES}{two[0].pk}/manifest/")
    assert answer["Content-Disposition"] == 'attachment; filename="noble-1-manifest.json"'
    assert answer.content == build("noble", "1", packages=FIRST).manifest
    assert json.loads(answer.content)["version"] == "1"


def test_rolling_back_shows_whom_it_concerns_and_then_does_it(
    admin: Client, two: tuple[Image, Image]
) -> None:
    rig.profile("noble-web", image_name="noble")
    url = f"{IMAGES}{two[1].pk}/roll-back/"
    page = text_of(admin.get(url))
    assert "Roll noble back to 1?" in page
    assert "From noble/2 to noble/1: 1 added, 1 removed, 1 changed." in page
    assert "noble-web follows noble" in page
    assert Image.objects.get(name="noble", current=True) == two[1]
    assert told(admin.post(url, {"to": "1"})) == [
        "noble/1 is current again: deployments that begin now boot it."
    ]
    assert Image.objects.get(name="noble", current=True) == two[0]
    assert ImagePromotion.objects.first().by == "ada"  # type: ignore[union-attr]


def test_a_roll_back_that_was_sent_twice_goes_back_once(
    admin: Client, two: tuple[Image, Image], tmp_path: Path
) -> None:
    image_add_folder(folder=build("noble", "3").write(tmp_path / "3"))
    url = f"{IMAGES}{two[1].pk}/roll-back/"
    for _ in range(2):
        admin.post(url, {"to": "2"})
    assert Image.objects.get(name="noble", current=True) == two[1]


@pytest.mark.issue("IMG-007")
def test_without_an_earlier_version_there_is_no_way_back(admin: Client, tmp_path: Path) -> None:
    image = rig.image(tmp_path)
    assert "Roll back" not in text_of(admin.get(f"{IMAGES}{image.pk}/change/"))
    response = admin.get(f"{IMAGES}{image.pk}/roll-back/")
    assert told(response) == [
        "No version of debian was current before 1. Promote the version that you want by its name."
    ]


def test_promotions_are_listed_with_who_did_them(admin: Client, two: tuple[Image, Image]) -> None:
    admin.post(f"{IMAGES}{two[1].pk}/roll-back/", {"to": "1"})
    page = text_of(admin.get("/admin/profiles/imagepromotion/"))
    assert "noble/1 rolled back 2 ada" in page
    assert "noble/2 promoted 1 olga" in page


def test_an_upload_is_listed_and_given_up(admin: Client) -> None:
    upload = image_begin(manifest=build().manifest, signature="", by="olga").upload
    assert upload
    assert "Uploads under way 1" in text_of(admin.get(IMAGES))
    answer = admin.get("/admin/profiles/imageupload/")
    assert "debian-12/1 olga" in text_of(answer)
    assert upload.key not in answer.content.decode()
    url = f"/admin/profiles/imageupload/{upload.pk}/delete/"
    assert "upload of debian-12/1" in text_of(admin.get(url))
    admin.post(url, {"post": "yes"})
    assert not ImageUpload.objects.exists()
    assert not list(storage.listed(f"{storage.INCOMING}{upload.key}/"))


def test_lists_without_rows_say_what_they_are_for(admin: Client) -> None:
    assert "No upload is under way" in text_of(admin.get("/admin/profiles/imageupload/"))
    assert "Nothing has been promoted" in text_of(admin.get("/admin/profiles/imagepromotion/"))


def test_who_may_only_look_can_change_nothing(two: tuple[Image, Image]) -> None:
    user = User.objects.create_user("vic", password="x", is_staff=True)
    nobody = User.objects.create_user("no", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_image"))
    upload = image_begin(manifest=build().manifest, signature="", by="olga").upload
    assert upload
    vic, no = logged_in(user), logged_in(nobody)
    change = f"{IMAGES}{two[1].pk}/"
    for path in (f"{change}change/", compare(*two), f"{change}packages/", f"{change}manifest/"):
        assert vic.get(path).status_code == 200
        assert no.get(path).status_code == 403
    for path in ("/admin/profiles/imageupload/", "/admin/profiles/imagepromotion/"):
        assert vic.get(path).status_code == 200
        assert no.get(path).status_code == 403
    assert vic.post(f"{change}roll-back/", {"to": "1"}).status_code == 403
    give_up = f"/admin/profiles/imageupload/{upload.pk}/delete/"
    assert vic.post(give_up, {"post": "yes"}).status_code == 403


@pytest.mark.issue("BOOT-016")
def test_the_dashboard_says_that_no_machine_can_register(admin: Client) -> None:
    assert "no version of image stage-one is current" in text_of(admin.get("/admin/"))
    rig.stage_one()
    assert "no version of image stage-one is current" not in text_of(admin.get("/admin/"))


def test_pages_ask_the_same_for_any_number_of_packages_and_machines(
    admin: Client, two: tuple[Image, Image], tmp_path: Path
) -> None:
    web: Profile = deployments.make_room(tmp_path)
    assert web
    url = f"{IMAGES}{Image.objects.get(name='debian').pk}/change/"
    admin.get(url)
    with CaptureQueriesContext(connection) as few:
        admin.get(url)
    for number in range(1, 4):
        deployments.installed(deployments.free(number), f"web-{number}")
    with CaptureQueriesContext(connection) as many:
        admin.get(url)
    assert len(many) <= len(few) + 1  # the rows of a table that was empty
