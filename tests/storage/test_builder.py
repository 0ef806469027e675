"""image_builder publishes into a bucket of a real object storage, also over a way that fails."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest
import requests
from pytest_django import Settings as DjangoSettings

from bearman import storage
from bearman_cli.options import Options
from image_builder import keys, pack, publish, upload
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.progress import Progress
from image_builder.settings import CHECKOUT, Settings
from image_builder.store import Stored
from profiles.models import Image, ImageUpload
from tests.grpc_server.test_profiles import token_with
from tests.servers import running_door
from tests.storage.buckets import Place, use_bucket

ALL = [f"profiles.{verb}_image" for verb in ("view", "add", "change", "delete")]
QUIET = Progress(quiet=True)
SIZE = 3_000_000  # bytes of the root
PIECE = 65_536


@dataclass
class Way:
    """A relay to the storage that does what the test wants with what is uploaded."""

    to: tuple[str, int]
    breaks_after: list[int] = field(default_factory=list)  # bytes, of each connection in turn
    changes: bool = False
    spoils_signature: bool = False
    stalls: bool = False
    reached: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def carry(self, client: socket.socket) -> None:
        """Carry one connection, until it ends or breaks."""
        limit = self.breaks_after.pop(0) if self.breaks_after else 10**12
        with socket.create_connection(self.to) as server:
            threading.Thread(target=_copy, args=(server, client), daemon=True).start()
            sent = 0
            while data := client.recv(PIECE):
                sent += len(data)
                if sent > limit:
                    client.shutdown(socket.SHUT_RDWR)
                    return
                if self.stalls and sent > SIZE // 2:
                    self.reached.set()
                    self.ended.wait(60)
                    return
                if self.changes and sent > SIZE // 2:
                    data = bytes([data[0] ^ 1]) + data[1:]
                if self.spoils_signature:
                    data = data.replace(b"X-Amz-Signature=", b"X-Amz-Signature=0")
                server.sendall(data)


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(PIECE):
            target.sendall(data)
    except OSError:
        return


@pytest.fixture
def way(bucket: Place, settings: DjangoSettings) -> Iterator[Way]:
    """The way by which uploads reach the bucket."""
    host, _, port = bucket.ceph.endpoint.rpartition("/")[2].partition(":")
    made = Way((host, int(port)))

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            try:
                made.carry(self.request)
            except OSError:  # one of both went away
                return

    class Server(ThreadingTCPServer):
        daemon_threads = True  # the storage may stop reading, and keep its connection

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        use_bucket(bucket.ceph, settings, bucket.name, public_endpoint=endpoint)
        yield made
        made.ended.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def local(tmp_path: Path) -> Settings:
    """The builder's folders, with a key."""
    found = Settings(images=tmp_path / "images", keys=tmp_path / "keys")
    keys.ensure(found.keys)
    return found


@pytest.fixture
def stored(local: Settings, tmp_path: Path) -> Stored:
    """An image, as large as needs be."""
    files = {}
    for kind, size in (("kernel", 1000), ("initramfs", 2000), ("root", SIZE)):
        files[kind] = tmp_path / kind
        files[kind].write_bytes(os.urandom(size))
    foreign = pack.Foreign(name="tiny", version="1", kind="stage-two", append="", files=files)
    return pack.run(foreign, local, local.images)


@pytest.fixture
def bearman(
    transactional_db: None,
    settings: DjangoSettings,
    local: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Options]:
    """A Bearman that trusts the builder's key and the operator olga."""
    settings.IMAGE_KEYS = local.keys
    monkeypatch.setenv("BEARMAN_TOKEN", token_with("olga", *ALL))
    monkeypatch.setattr(upload, "wait_before", lambda attempt: 0.01)
    with running_door() as door:
        yield Options(server=f"127.0.0.1:{door.port}", retry_for=1.0)


def published(bearman: Options, stored: Stored) -> publish.Published:
    return publish.run(bearman, stored, promote=True, progress=QUIET)


def failing(bearman: Options, stored: Stored) -> BuildError:
    with pytest.raises(BuildError) as caught:
        published(bearman, stored)
    error = caught.value
    assert "Signature" not in f"{error.message} {error.advice} {error.log}"
    assert not Image.objects.exists()
    return error


def check_it_is_there(stored: Stored) -> None:
    image = Image.objects.get(name="tiny")
    assert image.current
    for artefact in image.artefacts.values():
        storage.require(artefact.path, size=artefact.size, sha256=artefact.sha256)
    assert image.root_sha256 == stored.manifest.files["root"].sha256
    assert not list(storage.listed(storage.INCOMING))


def test_an_image_goes_straight_into_the_bucket(
    bucket: Place, bearman: Options, stored: Stored
) -> None:
    assert published(bearman, stored).is_new
    check_it_is_there(stored)
    with requests.Session() as session:
        session.trust_env = False
        for artefact in Image.objects.get().artefacts.values():
            url = storage.current().url(artefact.path)
            assert url.startswith(bucket.ceph.endpoint)
            assert len(session.get(url).content) == artefact.size


def test_an_upload_that_breaks_off_in_the_middle_begins_anew(
    way: Way, bearman: Options, stored: Stored
) -> None:
    way.breaks_after = [SIZE // 2] * 3
    assert published(bearman, stored).is_new
    assert not way.breaks_after
    check_it_is_there(stored)


def test_a_way_that_always_breaks_off_is_told_and_the_next_time_sends_the_rest(
    way: Way, bearman: Options, stored: Stored
) -> None:
    way.breaks_after = [SIZE // 2] * 20
    error = failing(bearman, stored)
    assert error.exit_code is ExitCode.UNREACHABLE
    assert "could not be uploaded in 5 attempts: the storage at 127.0.0.1:" in error.message
    assert "Publish again when the storage answers" in error.advice
    way.breaks_after = []
    assert published(bearman, stored).is_new
    check_it_is_there(stored)


def test_bytes_that_change_on_the_way_are_noticed(
    way: Way, bearman: Options, stored: Stored
) -> None:
    way.changes = True
    assert failing(bearman, stored).exit_code is ExitCode.DAMAGED
    way.changes = False
    assert published(bearman, stored).is_new
    check_it_is_there(stored)


def test_a_storage_that_denies_is_told_and_the_upload_given_up(
    way: Way, bearman: Options, stored: Stored
) -> None:
    way.spoils_signature = True
    error = failing(bearman, stored)
    assert error.exit_code is ExitCode.DENIED
    assert "answered 403 to" in error.message
    assert "Check Bearman's S3 keys" in error.advice
    assert not ImageUpload.objects.exists()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_publisher_that_ends_in_the_middle_leaves_nothing_half_published(
    way: Way, bearman: Options, stored: Stored, local: Settings, number: signal.Signals, code: int
) -> None:
    way.stalls = True
    env = {
        **os.environ,
        "BEARMAN_GRPC": bearman.server,
        "BEARMAN_IMAGES_DIR": str(local.images),
        "BEARMAN_IMAGE_KEYS_DIR": str(local.keys),
    }
    command = [sys.executable, "-m", "image_builder", "publish", "tiny", "--promote"]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=env, stderr=subprocess.PIPE, text=True)
    assert way.reached.wait(60)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    assert not Image.objects.exists()
    assert ImageUpload.objects.exists() == (number == signal.SIGKILL)
    way.stalls = False
    assert published(bearman, stored).is_new
    check_it_is_there(stored)
