"""Publishing to a real Bearman over gRPC, and into a storage that fails in every way."""

import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from pytest_django import Settings as DjangoSettings

from bearman_cli.connection import Connection
from bearman_cli.options import Options
from image_builder import keys, publish, store, upload
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.progress import Progress
from image_builder.settings import Settings
from image_builder.store import Stored
from profiles.models import Image, ImageUpload, Profile
from protos.bearman.v1 import images_pb2 as pb
from tests.baremetal.conftest import fleet, room
from tests.grpc_server.test_profiles import token_with
from tests.images.servers import serving
from tests.images.test_store import packed
from tests.servers import running_door

__all__ = ["fleet", "room"]  # fixtures
ALL = [f"profiles.{verb}_image" for verb in ("view", "add", "change", "delete")]
QUIET = Progress(quiet=True)


@pytest.fixture
def local(tmp_path: Path) -> Settings:
    """The builder's folders, with a key."""
    settings = Settings(images=tmp_path / "images", keys=tmp_path / "keys")
    keys.ensure(settings.keys)
    return settings


@pytest.fixture
def bearman(
    room: Profile,
    settings: DjangoSettings,
    tmp_path: Path,
    local: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Options]:
    """A Bearman with an empty storage, that trusts the builder's key and the operator olga."""
    options = {"location": tmp_path / "files", "base_url": "http://files.example/"}
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": backend, "OPTIONS": options}}
    settings.IMAGE_KEYS = local.keys
    monkeypatch.setenv("BEARMAN_TOKEN", token_with("olga", *ALL))
    with running_door() as door:
        yield Options(server=f"127.0.0.1:{door.port}", retry_for=1.0)


def test_an_image_is_published_and_promoted(bearman: Options, local: Settings) -> None:
    stored = packed(local)
    done = publish.run(bearman, stored, promote=True, progress=QUIET)
    assert done.is_new
    row = Image.objects.get(name="tiny")
    assert (row.version, row.current) == ("1", True)
    assert row.root_sha256 == stored.manifest.files["root"].sha256
    assert publish.current(bearman) >= {"tiny/1"}


def test_publishing_twice_changes_nothing(bearman: Options, local: Settings) -> None:
    stored = packed(local)
    publish.run(bearman, stored, promote=False, progress=QUIET)
    again = publish.run(bearman, stored, promote=True, progress=QUIET)
    assert not again.is_new
    assert again.image.current
    assert Image.objects.filter(name="tiny").count() == 1


def test_a_damaged_file_is_not_sent(bearman: Options, local: Settings) -> None:
    stored = packed(local)
    stored.path("root").write_bytes(b"other")
    with pytest.raises(BuildError, match="is damaged") as caught:
        publish.run(bearman, stored, promote=False, progress=QUIET)
    assert caught.value.exit_code is ExitCode.DAMAGED
    assert not ImageUpload.objects.exists()


def test_a_signature_by_another_key_is_refused(
    bearman: Options, local: Settings, tmp_path: Path
) -> None:
    stranger = Settings(images=local.images, keys=tmp_path / "other")
    with pytest.raises(BuildError) as caught:
        publish.run(bearman, packed(stranger), promote=False, progress=QUIET)
    assert caught.value.exit_code is ExitCode.DENIED
    assert not Image.objects.filter(name="tiny").exists()


def test_a_version_that_is_known_with_other_files_is_refused(
    bearman: Options, local: Settings, tmp_path: Path
) -> None:
    publish.run(bearman, packed(local), promote=False, progress=QUIET)
    other = Settings(images=tmp_path / "other", keys=local.keys)
    (tmp_path / "other").mkdir()
    with pytest.raises(BuildError) as caught:
        publish.run(bearman, packed(other, salt="other"), promote=False, progress=QUIET)
    assert caught.value.exit_code is ExitCode.REFUSED


def test_a_wrong_token_is_told_before_a_build(
    bearman: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEARMAN_TOKEN", "wrong")
    with pytest.raises(BuildError) as caught:
        publish.check(bearman, "tiny")
    assert caught.value.exit_code is ExitCode.DENIED


def test_a_server_that_is_away_is_told(local: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEARMAN_TOKEN", "any")
    with pytest.raises(BuildError, match="is not available") as caught:
        publish.check(Options(server="127.0.0.1:9", retry_for=0), "tiny")
    assert caught.value.exit_code is ExitCode.UNREACHABLE


class Store(BaseHTTPRequestHandler):
    """A storage that answers as the test wants."""

    protocol_version = "HTTP/1.1"
    answers: list[int]  # a status each; 0 breaks off in the middle
    got: list[bytes]

    def do_PUT(self) -> None:
        status = self.answers.pop(0) if self.answers else 200
        if status == 0:
            self.rfile.read(10)
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self.got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def put(
    local: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[Stored, list[bytes]]]]:
    """Upload to a storage that gives these answers; returns the image, and what came whole."""
    monkeypatch.setattr(upload, "wait_before", lambda attempt: 0.01)
    monkeypatch.setenv("BEARMAN_TOKEN", "any")
    Store.got = []
    with serving(Store) as server:

        def send(*answers: int) -> tuple[Stored, list[bytes]]:
            Store.answers = list(answers)
            stored = packed(local)
            url = f"http://127.0.0.1:{server.server_port}/bucket/x?X-Amz-Signature=secret"
            target = pb.UploadTarget(kind="root", url=url)
            connection = Connection(Options(server="127.0.0.1:9"), publish.PATIENT)
            upload.send(connection, "key", target, stored, QUIET)
            return stored, Store.got

        yield send


Put = Callable[..., tuple[Stored, list[bytes]]]


def test_a_file_goes_straight_into_the_storage(put: Put) -> None:
    stored, got = put()
    assert got == [stored.path("root").read_bytes()]


def test_an_upload_begins_anew_where_the_storage_breaks_off_or_is_busy(put: Put) -> None:
    stored, got = put(0, 503, 200)
    assert got[-1] == stored.path("root").read_bytes()


@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        ([403], ExitCode.DENIED, "answered 403 to filesystem.squashfs"),
        ([507], ExitCode.NO_SPACE, "takes no more"),
        ([404], ExitCode.REFUSED, "answered 404"),
        ([0] * 5, ExitCode.UNREACHABLE, "could not be uploaded in 5 attempts"),
        ([500] * 5, ExitCode.UNREACHABLE, "answered 500"),
    ],
)
def test_a_storage_that_refuses_is_told_without_its_secret_address(
    put: Put, answers: list[int], code: ExitCode, words: str
) -> None:
    with pytest.raises(BuildError) as caught:
        put(*answers)
    assert caught.value.exit_code is code
    assert words in caught.value.message
    assert "secret" not in caught.value.message + caught.value.advice


def test_an_upload_that_is_refused_is_given_up_at_bearman(
    bearman: Options, local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise BuildError(ExitCode.DENIED, "No.")

    monkeypatch.setattr(upload, "send", refuse)
    with pytest.raises(BuildError, match="No"):
        publish.run(bearman, packed(local), promote=False, progress=QUIET)
    assert not ImageUpload.objects.exists()
    assert store.find(local.images, "tiny/1")
