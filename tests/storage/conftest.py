"""A storage for each test: a folder, or a bucket of its own in a real Ceph."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from bearman import storage
from tests.certificates import Authority
from tests.storage.buckets import Place, make_bucket
from tests.storage.ceph import WHY_NOT, Ceph, installed

S3 = [pytest.mark.s3, pytest.mark.xdist_group("s3")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have all tests that use the one Ceph in one process, which starts it."""
    for item in items:
        if {"ceph", "bucket"} & set(getattr(item, "fixturenames", ())):
            for mark in S3:
                item.add_marker(mark)


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ceph]:
    """A running Ceph, also with TLS; `ca.pem` in its folder is who vouches for it."""
    if not installed():
        pytest.skip(WHY_NOT)
    folder = tmp_path_factory.mktemp("ceph")
    ca = Authority()
    certificate, key = ca.server()
    (folder / "ca.pem").write_bytes(ca.pem)
    (folder / "server.pem").write_bytes(certificate)
    (folder / "server.key").write_bytes(key)
    cluster = Ceph(folder, folder / "server.pem", folder / "server.key")
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def bucket(ceph: Ceph, settings: Settings) -> Place:
    """A new bucket as `bearman storage_prepare` makes it, which the settings name."""
    return make_bucket(ceph, settings, f"files-{secrets.token_hex(4)}")


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """A new folder, which the settings name."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files", "base_url": "http://files.example/"},
        }
    }
    return tmp_path / "files"


@pytest.fixture(params=["folder", pytest.param("bucket", marks=S3)])
def store(request: pytest.FixtureRequest) -> storage.Store:
    """Each kind of storage, one after the other."""
    request.getfixturevalue(request.param)
    return storage.current()
