"""Versions that are deleted: their files go when that is sure, and never those of another."""

from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from bearman import storage
from bearman.lib.errors import BearmanError, Busy, NotFound, Unavailable
from profiles.models import Image, ImageUpload
from profiles.services import image_add_folder, image_delete
from profiles.services.uploads import image_complete
from tests.profiles.builds import build
from tests.profiles.jobs import files_removed
from tests.profiles.test_uploads import at_once, is_whole, somebody_has, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def files(settings: Settings, tmp_path: Path) -> Path:
    """An empty storage."""
    options = {"location": tmp_path / "files", "base_url": "http://files.example/"}
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": backend, "OPTIONS": options}}
    return tmp_path / "files"


@pytest.fixture
def old(tmp_path: Path, files: Path) -> Image:
    """A version that is not current, so that it may be deleted."""
    return added(tmp_path)


def added(tmp_path: Path) -> Image:
    """Add version 1 from a folder, and do not make it current."""
    built = build().write(tmp_path / "built")
    return image_add_folder(folder=built, make_current=False)[0]


def work() -> None:
    """Do what is due in the queue, with a real worker."""
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector):
        app.run_worker(wait=False, listen_notify=False, delete_jobs="successful")


def test_the_worker_removes_the_files_of_a_version_that_was_deleted(old: Image) -> None:
    image_delete(image=old)
    assert not Image.objects.exists()
    work()
    assert not list(storage.listed("images/"))
    assert not ProcrastinateJob.objects.filter(task_name="profiles.tasks.remove_files").exists()


def test_a_deletion_that_is_taken_back_leaves_the_files(old: Image) -> None:
    with transaction.atomic():
        image_delete(image=old)
        transaction.set_rollback(True)
    assert files_removed() == 0
    is_whole(Image.objects.get())


def test_a_version_that_is_added_again_before_its_files_were_removed_keeps_them(
    old: Image, tmp_path: Path
) -> None:
    image_delete(image=old)
    again = added(tmp_path)
    assert files_removed() == 1
    is_whole(again)


def test_a_version_that_is_published_while_it_is_deleted_is_whole_or_not_there(
    files: Path, tmp_path: Path
) -> None:
    for _ in range(10):
        key, image = uploaded(build()).key, added(tmp_path)
        found = at_once(
            lambda image=image: image_delete(image=image),  # type: ignore[misc]
            lambda key=key: image_complete(key=key, promote=False, by="olga"),  # type: ignore[misc]
            files_removed,
        )
        assert {type(one) for one in found if isinstance(one, BearmanError)} <= {Busy}
        files_removed()
        for artefact in [one for left in Image.objects.all() for one in left.artefacts.values()]:
            storage.require(artefact.path, size=artefact.size, sha256=artefact.sha256)
        for model in (ImageUpload, Image, ProcrastinateJob):
            model.objects.all().delete()


def test_nobody_deletes_what_somebody_is_just_adding(old: Image, tmp_path: Path) -> None:
    with somebody_has("debian-12", "1"):
        for call in (lambda: image_delete(image=old), lambda: added(tmp_path)):
            with pytest.raises(Busy, match="Somebody adds or deletes debian-12/1 just now"):
                call()
    image_delete(image=old)
    with somebody_has("debian-12", "1"), pytest.raises(Busy):
        files_removed()
    assert files_removed() == 1
    assert not list(storage.listed("images/"))


def test_a_version_is_not_published_until_its_deletion_is_sure(old: Image, tmp_path: Path) -> None:
    with transaction.atomic():
        image_delete(image=old)
        (refused,) = at_once(lambda: added(tmp_path))
    assert isinstance(refused, Busy)
    assert added(tmp_path) == Image.objects.get()


def test_who_deletes_it_second_is_told(old: Image) -> None:
    image_delete(image=Image.objects.get())
    with pytest.raises(NotFound, match="somebody has deleted it"):
        image_delete(image=old)


def test_what_the_storage_does_not_remove_now_is_removed_later(old: Image, files: Path) -> None:
    """A folder in the place of a file is what the storage cannot delete."""
    kernel = files / old.kernel_path
    kernel.unlink()
    (kernel / "in the way").mkdir(parents=True)
    image_delete(image=old)
    with pytest.raises(Unavailable, match="cannot delete images/debian-12/1/"):
        files_removed()
    work()
    job = ProcrastinateJob.objects.get(task_name="profiles.tasks.remove_files")
    assert job.status == "todo"
    assert job.scheduled_at is not None
    assert job.scheduled_at > timezone.now()
    (kernel / "in the way").rmdir()
    kernel.rmdir()
    files_removed()
    assert not list(storage.listed("images/"))
