"""Uploads of images under way: two at once, killed half-way, forgotten."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from bearman import storage
from bearman.lib.errors import BearmanError, Busy, Damaged, Denied, Exists, Invalid, NotFound
from profiles.models import Image, ImagePromotion, ImageUpload
from profiles.services import image_add_folder, image_delete, image_promote, image_roll_back
from profiles.services.locks import alone
from profiles.services.uploads import (
    image_abort,
    image_begin,
    image_complete,
    image_upload,
    uploads_prune,
)
from profiles.tasks import prune_uploads
from tests.profiles.builds import Build, build, trust

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """An empty storage."""
    options = {"location": tmp_path / "files", "base_url": "http://files.example/"}
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": backend, "OPTIONS": options}}
    return tmp_path / "files"


def uploaded(built: Build, by: str = "olga") -> ImageUpload:
    """An upload with all its files."""
    upload = image_begin(manifest=built.manifest, signature=built.signature, by=by).upload
    assert upload
    for kind, data in built.files.items():
        image_upload(upload=upload, kind=kind, file=BytesIO(data))
    return upload


@contextmanager
def somebody_has(name: str, version: str) -> Iterator[None]:
    """Somebody else adds or deletes the version meanwhile."""
    holding, go = threading.Event(), threading.Event()

    def hold() -> None:
        with alone(name, version):
            holding.set()
            go.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(20)
    try:
        yield
    finally:
        go.set()
        thread.join()


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What calls return or raise that begin together, each with a connection of its own."""
    barrier, found = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number: int) -> None:
        barrier.wait()
        try:
            found[number] = calls[number]()  # type: ignore[call-overload]
        except BearmanError as error:
            found[number] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(found)


def is_whole(image: Image) -> None:
    """Each file of a version is in the storage under its final name, and nothing else is."""
    for artefact in image.artefacts.values():
        storage.require(artefact.path, size=artefact.size, sha256=artefact.sha256)
    assert not list(storage.listed(storage.INCOMING))


def test_two_who_complete_one_upload_at_once_make_one_version() -> None:
    key = uploaded(build()).key
    for _ in range(3):
        found = at_once(*[lambda: image_complete(key=key, promote=True, by="olga")] * 4)
        assert all(isinstance(one, Image | Busy) for one in found)
        assert any(isinstance(one, Image) for one in found)
    image = Image.objects.get()
    assert image.current
    assert ImagePromotion.objects.count() == 1
    is_whole(image)


def test_two_who_upload_the_same_version_are_both_right() -> None:
    keys = {by: uploaded(build(), by).key for by in ("olga", "oscar")}
    for by, key in keys.items():
        assert image_complete(key=key, promote=False, by=by).version == "1"
    is_whole(Image.objects.get())


def test_two_who_upload_different_files_as_one_version_get_one_of_them() -> None:
    first, second = uploaded(build()), uploaded(build(size=900), "oscar")
    image_complete(key=first.key, promote=False, by="olga")
    with pytest.raises(Exists):
        image_complete(key=second.key, promote=False, by="oscar")
    image_abort(upload=second)
    is_whole(Image.objects.get())


def test_while_one_completes_the_other_is_told_to_wait() -> None:
    upload = uploaded(build())
    with somebody_has(upload.name, upload.version):
        with pytest.raises(Busy):
            image_complete(key=upload.key, promote=False, by="olga")
        with pytest.raises(Busy):
            image_abort(upload=upload)
    assert image_complete(key=upload.key, promote=False, by="olga")


@pytest.mark.parametrize("after", range(1, 9))
def test_who_is_killed_half_way_does_it_again(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The storage stops after so many moves: of each file there are two."""
    upload, moves = uploaded(build()), 0
    move = storage.move

    def dies(source: str, target: str) -> None:
        nonlocal moves
        moves += 1
        move(source, target)
        if moves == after:
            raise KeyboardInterrupt

    monkeypatch.setattr(storage, "move", dies)
    with pytest.raises(KeyboardInterrupt):
        image_complete(key=upload.key, promote=True, by="olga")
    assert not Image.objects.exists()
    again = image_begin(manifest=build().manifest, signature="", by="olga")
    assert (again.upload, again.targets) == (upload, [])
    is_whole(image_complete(key=upload.key, promote=True, by="olga"))


def test_a_file_that_is_changed_after_it_was_uploaded_never_gets_its_name(folder: Path) -> None:
    built = build()
    upload = uploaded(built)
    image_upload(upload=upload, kind="root", file=BytesIO(built.files["root"][::-1]))
    with pytest.raises(Damaged):
        image_complete(key=upload.key, promote=False, by="olga")
    assert not list(folder.rglob("images/**/filesystem.squashfs"))


def test_what_was_not_completed_in_time_is_removed(settings: Settings, folder: Path) -> None:
    upload, kept = uploaded(build()), uploaded(build(version="2"))
    ImageUpload.objects.filter(pk=upload.pk).update(expires_at=timezone.now())
    lost = folder / "incoming" / "lost" / "root"
    lost.parent.mkdir(parents=True)
    lost.write_bytes(b"x")
    two_days_ago = time.time() - timedelta(days=2).total_seconds()
    os.utime(lost, (two_days_ago, two_days_ago))
    with pytest.raises(NotFound):
        image_complete(key=upload.key, promote=False, by="olga")
    prune_uploads(timestamp=0)
    assert list(ImageUpload.objects.all()) == [kept]
    assert {found.path.split("/")[1] for found in storage.listed(storage.INCOMING)} == {kept.key}
    assert uploads_prune() == 0


def test_giving_up_what_was_half_completed_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    upload, moves = uploaded(build()), 0
    move = storage.move

    def dies(source: str, target: str) -> None:
        nonlocal moves
        move(source, target)
        moves += 1
        if moves == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(storage, "move", dies)
    with pytest.raises(KeyboardInterrupt):
        image_complete(key=upload.key, promote=False, by="olga")
    image_abort(upload=upload)
    assert not [*storage.listed("images/"), *storage.listed(storage.INCOMING)]


def test_nobody_begins_without_end() -> None:
    for number in range(20):
        image_begin(manifest=build(version=str(number)).manifest, signature="", by="olga")
    with pytest.raises(Busy, match="20 uploads under way"):
        image_begin(manifest=build(version="x").manifest, signature="", by="olga")
    assert image_begin(manifest=build(version="x").manifest, signature="", by="oscar").upload


def test_promotions_at_once_leave_one_current_version_and_a_history_of_all(tmp_path: Path) -> None:
    images = [
        image_add_folder(folder=build(version=name).write(tmp_path / name), make_current=False)[0]
        for name in "1234"
    ]
    at_once(*[lambda image=image: image_promote(image=image, by="x") for image in images])
    current = Image.objects.get(current=True)
    rows = list(ImagePromotion.objects.order_by("pk"))
    assert rows[-1].version == current.version
    assert [row.before for row in rows] == ["", *(row.version for row in rows[:-1])]
    steps = [image_roll_back(name="debian-12").image.version for _ in range(3)]
    assert steps == [row.version for row in reversed(rows[:-1])]


def test_a_version_that_is_deleted_while_it_is_promoted_is_not_current(tmp_path: Path) -> None:
    first, second = (
        image_add_folder(folder=build(version=name).write(tmp_path / name))[0] for name in "12"
    )
    image_delete(image=first)
    with pytest.raises(NotFound):
        image_promote(image=first)
    assert Image.objects.get(current=True) == second


def test_a_folder_is_added_with_one_command(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    key = Ed25519PrivateKey.generate()
    settings.IMAGE_KEYS = trust(tmp_path / "keys", key)
    folder = build(key=key).write(tmp_path / "built")
    call_command("image_add", str(folder))
    image = Image.objects.get()
    assert (
        capsys.readouterr().out
        == f"debian-12/1 added and is current, signed by {image.signed_by}.\n"
    )
    assert (image.package_count, image.kind, image.append) == (3, "stage-two", "boot=live ip=dhcp")
    call_command("image_add", str(folder))
    assert "was known already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("harm", "error", "words"),
    [
        (lambda f: (f / "vmlinuz").write_bytes(b"x"), Invalid, "is not what manifest.json says"),
        (lambda f: (f / "vmlinuz").unlink(), Invalid, "cannot be read"),
        (lambda f: (f / "manifest.json").write_text("{}"), Invalid, "its format is not 1"),
        (lambda f: (f / "manifest.json.sig").unlink(), Denied, "is not signed"),
        (lambda f: (f / "manifest.json.sig").write_text("x"), Denied, "signature"),
    ],
)
def test_a_folder_that_is_not_as_it_was_built_is_refused(
    tmp_path: Path,
    settings: Settings,
    harm: Callable[[Path], object],
    error: type[BearmanError],
    words: str,
) -> None:
    key = Ed25519PrivateKey.generate()
    settings.IMAGE_KEYS = trust(tmp_path / "keys", key)
    folder = build(key=key).write(tmp_path / "built")
    harm(folder)
    with pytest.raises(error, match=words):
        image_add_folder(folder=folder)
    assert not Image.objects.exists()
    assert not list(storage.listed("images/"))


def test_files_without_a_manifest_are_refused_where_images_must_be_signed(
    tmp_path: Path, settings: Settings
) -> None:
    settings.IMAGE_SIGNATURES = "required"
    built = build().write(tmp_path / "built")
    files = ["--kernel", str(built / "vmlinuz"), "--initramfs", str(built / "initrd.img")]
    with pytest.raises(CommandError, match="is not signed"):
        call_command("image_add", "raw", "1", *files)
    settings.IMAGE_SIGNATURES = "optional"
    call_command("image_add", "raw", "1", *files, "--append", "quiet")
    assert Image.objects.get().append == "quiet"
