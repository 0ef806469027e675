"""Images that are uploaded straight into a bucket of a real object storage."""

from collections.abc import Iterator

import grpc
import pytest
import requests
from pytest_django import Settings

from bearman import storage
from profiles.models import Image
from protos.bearman.v1 import images_pb2 as pb
from protos.bearman.v1 import images_pb2_grpc
from tests.grpc_server.test_profiles import Metadata, token_with
from tests.profiles.builds import Build, build
from tests.servers import bearer, running_door
from tests.storage.buckets import Place, use_bucket

ALL = [f"profiles.{verb}_image" for verb in ("view", "add", "change", "delete")]
Stub = images_pb2_grpc.ImageServiceStub


@pytest.fixture
def olga(transactional_db: None) -> Metadata:
    """An operator who may do all with images."""
    return bearer(token_with("olga", *ALL))


@pytest.fixture
def images(transactional_db: None) -> Iterator[Stub]:
    """The service."""
    with running_door() as running:
        yield Stub(running.channel)


@pytest.fixture
def http() -> requests.Session:
    """A client without a proxy."""
    session = requests.Session()
    session.trust_env = False
    return session


def begin(images: Stub, olga: Metadata, built: Build) -> pb.BeginImageResponse:
    return images.BeginImage(pb.BeginImageRequest(manifest=built.manifest), metadata=olga)


def test_files_go_straight_into_the_bucket_and_are_verified_there(
    bucket: Place, images: Stub, olga: Metadata, http: requests.Session
) -> None:
    built = build(size=300_000)
    begun = begin(images, olga, built)
    for target in begun.targets:
        data = built.files[target.kind]
        assert target.url.startswith(bucket.ceph.endpoint)
        assert http.put(target.url, data + b"x", headers=dict(target.headers)).status_code != 200
        assert http.put(target.url, data, headers=dict(target.headers)).status_code == 200
        assert http.get(target.url.partition("?")[0]).status_code == 403  # not verified yet
    assert not begin(images, olga, built).targets
    request = pb.CompleteImageRequest(upload=begun.upload, promote=True)
    assert images.CompleteImage(request, metadata=olga).image.current
    shown = images.GetImage(pb.GetImageRequest(name="debian-12"), metadata=olga).image
    for file in shown.files:
        assert len(http.get(file.url).content) == file.size
    assert not list(storage.listed(storage.INCOMING))
    # What is put to the address now comes too late: nobody looks there any more.
    assert http.put(begun.targets[0].url, built.files[begun.targets[0].kind]).status_code == 200
    image = Image.objects.get()
    for artefact in image.artefacts.values():
        storage.require(artefact.path, size=artefact.size, sha256=artefact.sha256)


def test_a_file_that_is_another_is_thrown_away(
    bucket: Place, images: Stub, olga: Metadata, http: requests.Session
) -> None:
    built = build()
    begun = begin(images, olga, built)
    for target in begun.targets:
        data = built.files[target.kind]
        http.put(target.url, data[::-1] if target.kind == "root" else data)
    with pytest.raises(grpc.RpcError) as call:
        images.CompleteImage(pb.CompleteImageRequest(upload=begun.upload), metadata=olga)
    assert call.value.code() is grpc.StatusCode.DATA_LOSS
    (again,) = begin(images, olga, built).targets
    assert http.put(again.url, built.files["root"]).status_code == 200
    images.CompleteImage(pb.CompleteImageRequest(upload=begun.upload), metadata=olga)
    assert Image.objects.exists()


def test_a_storage_that_is_away_is_said_and_the_upload_goes_on_later(
    bucket: Place, images: Stub, olga: Metadata, settings: Settings, http: requests.Session
) -> None:
    built = build()
    begun = begin(images, olga, built)
    for target in begun.targets:
        http.put(target.url, built.files[target.kind])
    use_bucket(bucket.ceph, settings, bucket.name, endpoint="http://127.0.0.1:9", attempts=1)
    request = pb.CompleteImageRequest(upload=begun.upload)
    with pytest.raises(grpc.RpcError) as call:
        images.CompleteImage(request, metadata=olga)
    assert call.value.code() is grpc.StatusCode.UNAVAILABLE
    use_bucket(bucket.ceph, settings, bucket.name)
    assert images.CompleteImage(request, metadata=olga).image.version == "1"
