"""ImageService: versions begun, uploaded, completed, promoted, rolled back, compared, deleted."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytest_django import Settings

from bearman import storage
from grpc_server import incoming
from profiles.models import Image, ImageUpload, Profile
from profiles.services import profile_hold
from protos.bearman.v1 import images_pb2 as pb
from protos.bearman.v1 import images_pb2_grpc
from tests.baremetal import rig
from tests.baremetal.conftest import fleet, room
from tests.grpc_server.test_profiles import Metadata, token_with
from tests.profiles.builds import Build, build, described, trust
from tests.profiles.jobs import files_removed
from tests.servers import bearer, running_door

__all__ = ["fleet", "room"]  # fixtures
ALL = [f"profiles.{verb}_image" for verb in ("view", "add", "change", "delete")]
Stub = images_pb2_grpc.ImageServiceStub


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> None:
    """An empty storage."""
    options = {"location": tmp_path / "files", "base_url": "http://files.example/"}
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": backend, "OPTIONS": options}}


@pytest.fixture
def images(folder: None, room: Profile) -> Iterator[Stub]:
    """The service, over a room with one profile that boots debian/1."""
    with running_door() as running:
        yield Stub(running.channel)


@pytest.fixture
def olga(room: Profile) -> Metadata:
    """An operator who may do all with images."""
    return bearer(token_with("olga", *ALL))


@pytest.fixture
def key(settings: Settings, tmp_path: Path) -> Ed25519PrivateKey:
    """A key that Bearman trusts, and so asks for."""
    key = Ed25519PrivateKey.generate()
    settings.IMAGE_KEYS = trust(tmp_path / "keys", key)
    return key


def begin(images: Stub, who: Metadata, built: Build) -> pb.BeginImageResponse:
    request = pb.BeginImageRequest(manifest=built.manifest, signature=built.signature)
    return images.BeginImage(request, metadata=who)


def messages(upload: str, kind: str, data: bytes) -> Iterator[pb.UploadImageFileRequest]:
    yield pb.UploadImageFileRequest(upload=upload, kind=kind)
    for start in range(0, len(data), 400):
        yield pb.UploadImageFileRequest(data=data[start : start + 400])


def publish(images: Stub, who: Metadata, built: Build, *, promote: bool = True) -> pb.Image:
    begun = begin(images, who, built)
    for target in begun.targets:
        assert not target.url
        data = built.files[target.kind]
        sent = images.UploadImageFile(messages(begun.upload, target.kind, data), metadata=who)
        assert sent.size == len(data)
    request = pb.CompleteImageRequest(upload=begun.upload, promote=promote)
    return images.CompleteImage(request, metadata=who).image


def refused(call: pytest.ExceptionInfo[grpc.RpcError]) -> tuple[str, str, str]:
    """Status, sentence and catalogue code of a refusal."""
    error = call.value
    more = {each.key: str(each.value) for each in error.trailing_metadata() or ()}
    return error.code().name, error.details() or "", more.get("bearman-issue", "")


def test_a_signed_version_is_uploaded_verified_and_known(
    images: Stub, olga: Metadata, key: Ed25519PrivateKey
) -> None:
    built = build(key=key)
    found = publish(images, olga, built)
    assert (found.name, found.version, found.current, found.packages) == ("debian-12", "1", True, 3)
    assert found.signed_by
    assert found.built_from == "debian-12 0123456789ab"
    got = images.GetImage(pb.GetImageRequest(name="debian-12"), metadata=olga)
    assert got.manifest.encode() == built.manifest
    assert {file.kind for file in got.image.files} == {*built.files, "manifest"}
    for artefact in Image.objects.get(name="debian-12").artefacts.values():
        storage.require(artefact.path, size=artefact.size, sha256=artefact.sha256)
        assert artefact.path.startswith("images/debian-12/1/")
    assert not list(storage.listed(storage.INCOMING))


def test_publishing_what_is_known_needs_no_upload(images: Stub, olga: Metadata) -> None:
    publish(images, olga, build())
    begun = begin(images, olga, build())
    assert (begun.upload, list(begun.targets)) == ("", [])


def test_an_upload_goes_on_where_it_was_broken_off(images: Stub, olga: Metadata) -> None:
    built = build()
    first = begin(images, olga, built)
    images.UploadImageFile(messages(first.upload, "kernel", built.files["kernel"]), metadata=olga)
    again = begin(images, olga, built)
    assert again.upload == first.upload
    assert {target.kind for target in again.targets} == {"initramfs", "root", "sbom"}


def test_completing_twice_changes_nothing(images: Stub, olga: Metadata) -> None:
    built = build()
    begun = begin(images, olga, built)
    for kind, data in built.files.items():
        images.UploadImageFile(messages(begun.upload, kind, data), metadata=olga)
    request = pb.CompleteImageRequest(upload=begun.upload)
    first = images.CompleteImage(request, metadata=olga).image
    second = images.CompleteImage(request, metadata=olga).image
    assert first == second
    assert not second.current


@pytest.mark.issue("IMG-001")
@pytest.mark.parametrize(
    "values",
    [
        {"name": "../../etc"},
        {"version": "1/2"},
        {"append": "console=ttyS0 bearman.token=mine"},
        {"append": "quiet\nboot"},
        {"kind": "stage-three"},
        {"built_at": "yesterday"},
        {"format": 2},
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    images: Stub, olga: Metadata, values: dict[str, object]
) -> None:
    with pytest.raises(grpc.RpcError) as call:
        begin(images, olga, build(**values))  # type: ignore[arg-type]
    assert refused(call)[::2] == ("INVALID_ARGUMENT", "IMG-001")
    assert not ImageUpload.objects.exists()


@pytest.mark.issue("IMG-002")
def test_an_image_that_no_trusted_key_signed_is_refused(
    images: Stub, olga: Metadata, key: Ed25519PrivateKey
) -> None:
    other = build(key=Ed25519PrivateKey.generate())
    changed = Build(other.files, other.manifest, build(version="2", key=key).signature)
    for built in (build(), other, changed, Build({}, other.manifest, "not base64!")):
        with pytest.raises(grpc.RpcError) as call:
            begin(images, olga, built)
        assert refused(call)[::2] == ("PERMISSION_DENIED", "IMG-002")


def test_unsigned_images_are_taken_where_signatures_are_optional(
    images: Stub, olga: Metadata, key: Ed25519PrivateKey, settings: Settings
) -> None:
    settings.IMAGE_SIGNATURES = "optional"
    assert publish(images, olga, build()).signed_by == ""


@pytest.mark.issue("IMG-003")
def test_a_known_version_takes_no_other_files(images: Stub, olga: Metadata) -> None:
    publish(images, olga, build())
    with pytest.raises(grpc.RpcError) as call:
        begin(images, olga, build(size=999))
    assert refused(call)[::2] == ("ALREADY_EXISTS", "IMG-003")


@pytest.mark.issue("IMG-004")
def test_an_upload_without_all_its_files_is_not_completed(images: Stub, olga: Metadata) -> None:
    begun = begin(images, olga, build())
    with pytest.raises(grpc.RpcError) as call:
        images.CompleteImage(pb.CompleteImageRequest(upload=begun.upload), metadata=olga)
    assert refused(call)[::2] == ("FAILED_PRECONDITION", "IMG-004")


@pytest.mark.issue("IMG-005")
def test_a_file_that_is_another_is_thrown_away_and_may_come_again(
    images: Stub, olga: Metadata
) -> None:
    built = build()
    begun = begin(images, olga, built)
    wrong = built.files | {"root": built.files["root"][::-1]}
    for kind, data in wrong.items():
        images.UploadImageFile(messages(begun.upload, kind, data), metadata=olga)
    with pytest.raises(grpc.RpcError) as call:
        images.CompleteImage(pb.CompleteImageRequest(upload=begun.upload), metadata=olga)
    assert refused(call)[::2] == ("DATA_LOSS", "IMG-005")
    assert not Image.objects.filter(name="debian-12").exists()
    assert [target.kind for target in begin(images, olga, built).targets] == ["root"]
    assert publish(images, olga, built).current


@pytest.mark.issue("IMG-006")
def test_an_unreadable_list_of_packages_is_refused(images: Stub, olga: Metadata) -> None:
    built = build()
    files = built.files | {"sbom": b"[]"}
    found = {kind: described(kind, data) for kind, data in files.items()}
    broken = Build(files, build(files=found).manifest, "")
    with pytest.raises(grpc.RpcError) as call:
        publish(images, olga, broken)
    assert refused(call)[::2] == ("INVALID_ARGUMENT", "IMG-006")


@pytest.mark.issue("IMG-009")
def test_an_upload_that_was_given_up_leaves_nothing(images: Stub, olga: Metadata) -> None:
    built = build()
    begun = begin(images, olga, built)
    images.UploadImageFile(messages(begun.upload, "root", built.files["root"]), metadata=olga)
    images.AbortImage(pb.AbortImageRequest(upload=begun.upload), metadata=olga)
    images.AbortImage(pb.AbortImageRequest(upload=begun.upload), metadata=olga)
    assert not list(storage.listed(storage.INCOMING))
    with pytest.raises(grpc.RpcError) as call:
        images.CompleteImage(pb.CompleteImageRequest(upload=begun.upload), metadata=olga)
    assert refused(call)[::2] == ("NOT_FOUND", "IMG-009")


def test_another_operators_upload_is_unknown(images: Stub, olga: Metadata) -> None:
    begun = begin(images, olga, build())
    oscar = bearer(token_with("oscar", *ALL))
    with pytest.raises(grpc.RpcError) as call:
        images.CompleteImage(pb.CompleteImageRequest(upload=begun.upload), metadata=oscar)
    assert refused(call)[0] == "NOT_FOUND"


@pytest.mark.issue("IMG-010")
@pytest.mark.parametrize("change", [-1, 1])
def test_too_few_and_too_many_bytes_are_refused_and_leave_nothing(
    images: Stub, olga: Metadata, change: int
) -> None:
    built = build()
    begun = begin(images, olga, built)
    data = built.files["root"][:-1] if change < 0 else built.files["root"] + b"x"
    with pytest.raises(grpc.RpcError) as call:
        images.UploadImageFile(messages(begun.upload, "root", data), metadata=olga)
    assert refused(call)[0] == "INVALID_ARGUMENT"
    if change < 0:
        assert refused(call)[2] == "IMG-010"
    assert not list(storage.listed(storage.INCOMING))


def test_a_file_that_the_manifest_does_not_name_is_refused(images: Stub, olga: Metadata) -> None:
    begun = begin(images, olga, build(packages=None))
    for kind in ("sbom", "../kernel", "", "manifest"):
        with pytest.raises(grpc.RpcError) as call:
            images.UploadImageFile(messages(begun.upload, kind, b"x"), metadata=olga)
        assert refused(call)[0] == "INVALID_ARGUMENT"


def test_a_stream_that_begins_wrongly_or_has_large_pieces_is_refused(
    images: Stub, olga: Metadata
) -> None:
    begun = begin(images, olga, build())
    named = pb.UploadImageFileRequest(upload=begun.upload, kind="root")
    large = pb.UploadImageFileRequest(data=bytes(incoming.MAX_PIECE + 1))
    for stream in ([], [pb.UploadImageFileRequest(data=b"x")], [named, large], [named]):
        with pytest.raises(grpc.RpcError) as call:
            images.UploadImageFile(iter(stream), metadata=olga)
        assert refused(call)[0] == "INVALID_ARGUMENT"
    assert not list(storage.listed(storage.INCOMING))


@pytest.mark.issue("IMG-010")
def test_who_falls_silent_in_the_middle_holds_no_thread(
    images: Stub, olga: Metadata, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    built = build()
    begun = begin(images, olga, built)
    over = threading.Event()

    def silent() -> Iterator[pb.UploadImageFileRequest]:
        yield pb.UploadImageFileRequest(upload=begun.upload, kind="root")
        yield pb.UploadImageFileRequest(data=b"x")
        over.wait(60)

    with monkeypatch.context() as impatient:
        impatient.setattr(incoming, "MAX_SILENCE", 0.3)
        impatient.setattr(incoming, "LOOK_SECONDS", 0.1)
        with pytest.raises(grpc.RpcError) as call:
            images.UploadImageFile(silent(), metadata=olga, timeout=30)
    assert refused(call)[0] in {"CANCELLED", "UNAVAILABLE"}, "not for having taken too long"
    over.set()
    assert publish(images, olga, built).current
    assert not list((tmp_path / "files" / ".drafts").iterdir())


def test_promoting_and_rolling_back_say_whom_it_concerns(
    images: Stub, olga: Metadata, room: Profile, tmp_path: Path
) -> None:
    rig.image(tmp_path, "2")
    rig.image(tmp_path, "3")
    held = rig.profile("held")
    profile_hold(profile=held, image=Image.objects.get(name="debian", version="2"))
    back = images.RollBackImage(pb.RollBackImageRequest(name="debian", dry_run=True), metadata=olga)
    assert back.promoted.before == "debian/3"
    assert (back.promoted.image.version, back.promoted.image.current) == ("2", False)
    assert list(back.promoted.profiles) == ["web"]
    for version in ("2", "2", "1"):  # a retry goes no further
        request = pb.RollBackImageRequest(name="debian", to=version)
        found = images.RollBackImage(request, metadata=olga)
        assert found.promoted.image.version == version
        assert found.promoted.image.current
    forwards = pb.PromoteImageRequest(name="debian", version="3")
    assert images.PromoteImage(forwards, metadata=olga).before == "debian/1"


@pytest.mark.issue("IMG-007")
def test_there_is_nothing_to_go_back_to_at_first(images: Stub, olga: Metadata) -> None:
    with pytest.raises(grpc.RpcError) as call:
        images.RollBackImage(pb.RollBackImageRequest(name="debian"), metadata=olga)
    assert refused(call)[::2] == ("FAILED_PRECONDITION", "IMG-007")


def test_packages_of_two_versions_are_compared(images: Stub, olga: Metadata) -> None:
    publish(images, olga, build(packages={"bash": "1", "old": "1", "same": "1"}))
    publish(images, olga, build(version="2", packages={"bash": "2", "new": "1", "same": "1"}))
    request = pb.DiffImagesRequest(before="debian-12/1", after="debian-12")
    found = images.DiffImages(request, metadata=olga)
    assert [(one.name, one.before, one.after) for one in found.packages] == [
        ("bash", "1", "2"),
        ("new", "", "1"),
        ("old", "1", ""),
    ]
    with pytest.raises(grpc.RpcError) as call:
        images.DiffImages(pb.DiffImagesRequest(before="debian", after="debian-12"), metadata=olga)
    assert refused(call)[:2] == (
        "FAILED_PRECONDITION",
        "debian/1 has no list of packages. Images that `image_builder` builds have one.",
    )


@pytest.mark.issue("IMG-008")
def test_only_what_nothing_uses_is_deleted(images: Stub, olga: Metadata) -> None:
    publish(images, olga, build())
    publish(images, olga, build(version="2"))
    with pytest.raises(grpc.RpcError) as call:
        images.DeleteImage(pb.DeleteImageRequest(name="debian-12", version="2"), metadata=olga)
    assert refused(call)[::2] == ("FAILED_PRECONDITION", "IMG-008")
    images.DeleteImage(pb.DeleteImageRequest(name="debian-12", version="1"), metadata=olga)
    assert files_removed() == 1
    assert not list(storage.listed("images/debian-12/1/"))


def test_each_call_needs_its_permission(images: Stub, room: Profile) -> None:
    viewer = bearer(token_with("vera", "profiles.view_image"))
    images.ListImages(pb.ListImagesRequest(), metadata=viewer)
    calls: list[Callable[[], object]] = [
        lambda: begin(images, viewer, build()),
        lambda: images.UploadImageFile(messages("x", "root", b"x"), metadata=viewer),
        lambda: images.CompleteImage(pb.CompleteImageRequest(upload="x"), metadata=viewer),
        lambda: images.AbortImage(pb.AbortImageRequest(upload="x"), metadata=viewer),
        lambda: images.PromoteImage(pb.PromoteImageRequest(name="debian"), metadata=viewer),
        lambda: images.RollBackImage(pb.RollBackImageRequest(name="debian"), metadata=viewer),
        lambda: images.DeleteImage(pb.DeleteImageRequest(name="debian"), metadata=viewer),
    ]
    for call in calls:
        with pytest.raises(grpc.RpcError) as error:
            call()
        assert refused(error)[0] == "PERMISSION_DENIED"
