"""A storage that fails says in one sentence what it is, and leaves nothing half-done."""

import datetime
import re
import resource
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings

from bearman import storage
from bearman.lib.errors import Unavailable
from simulator.demo.ports import free_tcp_ports
from tests.storage.buckets import Place, make_bucket, prepare, use_bucket
from tests.storage.ceph import OWNER, STRANGER, Ceph, User

PATH = "images/debian-12/1/0123456789abcdef/vmlinuz"
CONTENT = secrets.token_bytes(2**20)


@contextmanager
def refused(code: str, words: str) -> Iterator[None]:
    """It is refused with that entry of the catalogue, in one sentence with advice."""
    with pytest.raises(Unavailable, match=words) as told:
        yield
    assert told.value.issue is not None
    assert told.value.issue.code == code
    assert told.value.advice
    assert "\n" not in str(told.value)
    assert OWNER.secret not in str(told.value)


@pytest.mark.issue("STORE-001")
def test_a_server_that_is_not_there(bucket: Place, settings: Settings) -> None:
    (port,) = free_tcp_ports(1)
    use_bucket(bucket.ceph, settings, bucket.name, endpoint=f"http://127.0.0.1:{port}")
    with refused("STORE-001", f"cannot read {PATH} in bucket .*:{port}: .*Connection refused"):
        storage.store(PATH, BytesIO(CONTENT))


def test_a_name_that_is_not_known(bucket: Place, settings: Settings) -> None:
    use_bucket(bucket.ceph, settings, bucket.name, endpoint="http://no-such-host.invalid:1")
    with refused("STORE-001", "no-such-host.invalid:1: "):
        storage.current().write(PATH, BytesIO(CONTENT))


@pytest.mark.issue("STORE-002")
@pytest.mark.parametrize(
    ("user", "words"),
    [
        (User("x", OWNER.access, "wrong"), "says that the secret key does not fit the access key"),
        (User("x", "NOSUCHKEY", "wrong"), "does not know the access key"),
        (STRANGER, f"Bearman's key may not write {PATH} in bucket"),
    ],
)
def test_keys_that_are_wrong_or_anothers(
    bucket: Place, settings: Settings, user: User, words: str
) -> None:
    use_bucket(bucket.ceph, settings, bucket.name, user=user)
    with refused("STORE-002", words):
        storage.current().write(PATH, BytesIO(CONTENT))
    with refused("STORE-002", words.replace("write", "read")):
        storage.size(PATH)


def test_who_lacks_a_permission_is_told_which(bucket: Place, settings: Settings) -> None:
    use_bucket(bucket.ceph, settings, bucket.name, user=STRANGER)
    with pytest.raises(Unavailable, match="s3:PutObject"):
        storage.current().write(PATH, BytesIO(CONTENT))
    with pytest.raises(Unavailable, match="s3:ListBucket"):
        storage.size("incoming/x")
    with pytest.raises(Unavailable, match="s3:DeleteObject"):
        storage.delete(PATH)
    with pytest.raises(Unavailable, match=r"may not (make|set up) bucket files-.*s3:"):
        prepare()


@pytest.mark.issue("STORE-003")
def test_a_bucket_that_is_not_there(ceph: Ceph, settings: Settings) -> None:
    use_bucket(ceph, settings, "no-such-bucket")
    with refused("STORE-003", "There is no bucket no-such-bucket at http") as told:
        storage.store(PATH, BytesIO(CONTENT))
    assert told is None


@pytest.mark.issue("STORE-003")
def test_a_folder_that_cannot_be_made(folder: Path) -> None:
    folder.write_text("a file in its place")
    with refused("STORE-003", f"cannot write {PATH} in the folder .*: "):
        storage.current().write(PATH, BytesIO(CONTENT))


@pytest.mark.issue("STORE-004")
def test_a_bucket_over_its_quota(ceph: Ceph, settings: Settings) -> None:
    place = make_bucket(ceph, settings, f"small-{secrets.token_hex(4)}")
    quota = ("quota", "--quota-scope=bucket", f"--bucket={place.name}", f"--uid={OWNER.name}")
    ceph.admin("quota", "set", *quota[1:], "--max-size=100K")
    ceph.admin("quota", "enable", *quota[1:])
    with refused("STORE-004", f"no space left for {PATH} in bucket small-"):
        storage.store(PATH, BytesIO(CONTENT))
    assert storage.size(PATH) is None


@pytest.mark.issue("STORE-004")
def test_a_disk_without_space(folder: Path) -> None:
    """The limit on the size of a file stands for a disk: both refuse the next byte."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
    try:
        with refused("STORE-004", f"no space left for {PATH} in the folder"):
            storage.store(PATH, BytesIO(CONTENT))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert storage.size(PATH) is None
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    storage.store(PATH, BytesIO(CONTENT))
    assert storage.size(PATH) == len(CONTENT)


@pytest.mark.issue("STORE-006")
def test_a_certificate_that_nobody_vouches_for(ceph: Ceph, settings: Settings) -> None:
    use_bucket(ceph, settings, "any", endpoint=ceph.tls_endpoint)
    with refused("STORE-006", "The certificate of bucket any at https.* cannot be verified"):
        storage.current().write(PATH, BytesIO(CONTENT))


@pytest.mark.issue("STORE-007")
@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_wrong(bucket: Place, hours: int) -> None:
    now = datetime.datetime.now(datetime.UTC)
    with (
        time_machine.travel(now + datetime.timedelta(hours=hours)),
        refused("STORE-007", "clock is more than 15 minutes away"),
    ):
        storage.current().write(PATH, BytesIO(CONTENT))


@pytest.mark.issue("STORE-009")
def test_newer_checksums_meet_an_older_ceph_over_tls(ceph: Ceph, settings: Settings) -> None:
    """Ceph before 18 refuses boto3's own default; Bearman's is the one that all understand."""
    ca = str(ceph.folder / "ca.pem")
    name = f"sums-{secrets.token_hex(4)}"
    make_bucket(ceph, settings, name, endpoint=ceph.tls_endpoint, ca=ca)
    storage.store(PATH, BytesIO(CONTENT))
    assert storage.size(PATH) == len(CONTENT)
    use_bucket(ceph, settings, name, endpoint=ceph.tls_endpoint, ca=ca, checksums="when_supported")
    if _release(ceph) >= 18:
        pytest.skip("needs a Ceph before 18, such as Debian 12's")
    for content in (CONTENT, secrets.token_bytes(40 * 2**20)):
        with refused("STORE-009", "the server misses the length of it"):
            storage.current().write("images/x", BytesIO(content))
        assert storage.size("images/x") is None


def _release(ceph: Ceph) -> int:
    found = re.search(r"version (\d+)\.", ceph.ceph("--version"))
    assert found is not None
    return int(found[1])


class Interrupted(BytesIO):
    """A file; once 20 MiB of it are read, something happens."""

    def __init__(self, content: bytes, happens: Callable[[], None]) -> None:
        super().__init__(content)
        self._happens: Callable[[], None] | None = happens

    def read(self, size: int | None = -1) -> bytes:
        if self._happens and self.tell() > 20 * 2**20:
            self._happens()
            self._happens = None
        return super().read(size)


@pytest.fixture
def mortal(bucket: Place) -> Iterator[Ceph]:
    """The Ceph, whose gateway runs again in the end, whatever the test did."""
    yield bucket.ceph
    bucket.ceph.kill_gateway()
    bucket.ceph.start_gateway()


@pytest.mark.issue("STORE-001")
def test_a_server_that_dies_in_the_middle_of_an_upload_keeps_nothing_of_it(
    bucket: Place, mortal: Ceph
) -> None:
    large = secrets.token_bytes(60 * 2**20)
    with refused("STORE-001", f"cannot write {PATH} in bucket"):
        storage.store(PATH, Interrupted(large, mortal.kill_gateway))
    mortal.start_gateway()
    assert storage.size(PATH) is None
    assert list(storage.listed("images/")) == []
    storage.store(PATH, BytesIO(large))
    assert b"".join(storage.pieces(PATH)) == large


def test_a_server_that_is_restarted_in_the_middle_of_an_upload_is_not_noticed(
    bucket: Place, mortal: Ceph, settings: Settings
) -> None:
    """With as many attempts as can be set: a busy computer restarts a gateway slowly."""
    use_bucket(mortal, settings, bucket.name, attempts=10)
    halfway, goes_on = threading.Event(), threading.Event()

    def pause() -> None:
        halfway.set()
        goes_on.wait(60)

    large = secrets.token_bytes(60 * 2**20)
    with ThreadPoolExecutor(1) as other:
        sending = other.submit(storage.store, PATH, Interrupted(large, pause))
        assert halfway.wait(60)
        mortal.kill_gateway()
        mortal.start_gateway()
        goes_on.set()
        sending.result(60)
    assert b"".join(storage.pieces(PATH)) == large


@pytest.mark.issue("STORE-001")
def test_a_server_that_dies_while_a_file_is_read(bucket: Place, mortal: Ceph) -> None:
    storage.store(PATH, BytesIO(secrets.token_bytes(60 * 2**20)))
    with refused("STORE-001", f"cannot read {PATH} in bucket"):
        for number, _ in enumerate(storage.pieces(PATH)):
            if number == 3:
                mortal.kill_gateway()
