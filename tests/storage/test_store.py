"""What each kind of storage can do, tried on each."""

import hashlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest

from bearman import storage
from bearman.lib.errors import Invalid, NotFound, Unavailable

CONTENT = secrets.token_bytes(3 * 2**20 + 7)
PATH = "images/debian-12/2026-11-24.1+b/0123456789abcdef/vmlinuz"


def test_a_file_that_is_stored_is_read_back_as_it_was(store: storage.Store) -> None:
    storage.store(PATH, BytesIO(CONTENT))
    assert storage.size(PATH) == len(CONTENT)
    assert storage.sha256_of(PATH) == hashlib.sha256(CONTENT).hexdigest()
    assert b"".join(storage.pieces(PATH)) == CONTENT


def test_a_large_file_comes_whole(store: storage.Store) -> None:
    large = secrets.token_bytes(37 * 2**20)
    storage.store(PATH, BytesIO(large))
    storage.require(PATH, size=len(large), sha256=hashlib.sha256(large).hexdigest())


def test_the_file_of_the_caller_stays_open_and_is_read_from_its_beginning(
    store: storage.Store,
) -> None:
    file = BytesIO(CONTENT)
    file.seek(1000)
    storage.store(PATH, file)
    assert not file.closed
    assert storage.size(PATH) == len(CONTENT)


def test_what_is_there_already_is_not_sent_again(store: storage.Store) -> None:
    storage.store(PATH, BytesIO(b"one"))
    storage.store(PATH, BytesIO(b"two"))
    assert storage.read(PATH, most=10) == b"one"


def test_what_was_left_half_done_by_others_is_replaced(store: storage.Store) -> None:
    storage.store(PATH, BytesIO(b"half"))
    storage.store(PATH, BytesIO(b"half and half"))
    assert storage.read(PATH, most=100) == b"half and half"


def test_an_empty_file_can_be_stored(store: storage.Store) -> None:
    storage.store(PATH, BytesIO(b""))
    assert storage.size(PATH) == 0
    assert storage.read(PATH, most=1) == b""


@pytest.mark.issue("STORE-005")
def test_a_file_that_is_not_there_is_not_found(store: storage.Store) -> None:
    assert storage.size(PATH) is None
    with pytest.raises(NotFound, match=f"There is no {PATH[:20]}.* in (bucket|the folder)") as told:
        storage.read(PATH, most=1)
    assert told.value.issue is not None
    assert told.value.issue.code == "STORE-005"
    with pytest.raises(NotFound):
        storage.move(PATH, "images/other")
    assert storage.size("images/other") is None


def test_no_more_is_read_than_the_caller_can_bear(store: storage.Store) -> None:
    storage.store(PATH, BytesIO(CONTENT))
    with pytest.raises(Invalid, match="more than 1000 bytes"):
        storage.read(PATH, most=1000)


def test_a_move_gives_the_final_name_and_takes_the_first_one_away(store: storage.Store) -> None:
    storage.store("incoming/upload/kernel", BytesIO(CONTENT))
    storage.move("incoming/upload/kernel", PATH)
    assert storage.read(PATH, most=len(CONTENT)) == CONTENT
    assert storage.size("incoming/upload/kernel") is None


def test_a_move_that_was_done_already_is_no_error(store: storage.Store) -> None:
    storage.store("incoming/upload/kernel", BytesIO(CONTENT))
    storage.move("incoming/upload/kernel", PATH)
    storage.move("incoming/upload/kernel", PATH)
    assert storage.size(PATH) == len(CONTENT)


def test_deleting_is_done_once_and_no_error_twice(store: storage.Store) -> None:
    storage.store(PATH, BytesIO(CONTENT))
    storage.delete(PATH)
    storage.delete(PATH)
    assert storage.size(PATH) is None
    assert list(storage.listed("images/")) == []


def test_files_are_listed_below_a_prefix(store: storage.Store) -> None:
    for path in ("incoming/b/root", "incoming/a/kernel", "images/a/1/x/vmlinuz"):
        storage.store(path, BytesIO(b"some"))
    found = list(storage.listed("incoming/"))
    assert [file.path for file in found] == ["incoming/a/kernel", "incoming/b/root"]
    assert {file.size for file in found} == {4}
    assert all(file.at.tzinfo for file in found)
    assert list(storage.listed("nothing/")) == []


@pytest.mark.issue("STORE-008")
def test_what_differs_from_what_was_stored_is_refused(store: storage.Store) -> None:
    storage.store(PATH, BytesIO(CONTENT))
    wrong = hashlib.sha256(b"another").hexdigest()
    with pytest.raises(Unavailable, match="is not what was stored there") as told:
        storage.require(PATH, size=len(CONTENT), sha256=wrong)
    assert told.value.issue is not None
    assert told.value.issue.code == "STORE-008"
    with pytest.raises(Unavailable):
        storage.require(PATH, size=len(CONTENT) - 1, sha256=hashlib.sha256(CONTENT).hexdigest())
    with pytest.raises(NotFound):
        storage.require("images/none", size=1, sha256=wrong)


class Breaks(BytesIO):
    """A file that cannot be read to its end."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 20 * 2**20:
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_a_file_that_cannot_be_read_to_its_end_leaves_nothing(store: storage.Store) -> None:
    with pytest.raises((Unavailable, OSError)):
        storage.store(PATH, Breaks(secrets.token_bytes(40 * 2**20)))
    assert storage.size(PATH) is None
    assert list(storage.listed("images/")) == []


def test_who_stops_reading_closes_the_file(store: storage.Store) -> None:
    storage.store(PATH, BytesIO(CONTENT))
    pieces: Iterator[bytes] = storage.pieces(PATH)
    assert CONTENT.startswith(next(pieces))
    pieces.close()  # type: ignore[attr-defined]


def test_files_are_stored_while_the_last_one_beside_them_is_deleted(folder: Path) -> None:
    """Deleting takes empty folders away, also one that was just made for the next file."""

    def come_and_go(name: str) -> None:
        for _ in range(150):
            storage.store(f"images/a/1/{name}", BytesIO(b"some"))
            storage.delete(f"images/a/1/{name}")

    with ThreadPoolExecutor(4) as several:
        for done in [several.submit(come_and_go, f"file-{n}") for n in range(4)]:
            done.result()
    assert list(storage.listed("images/")) == []


def test_a_draft_that_somebody_left_is_no_file_and_goes_after_a_day(folder: Path) -> None:
    drafts = folder / ".drafts"
    drafts.mkdir(parents=True)
    old, new = drafts / "old", drafts / "new"
    for draft in (old, new):
        draft.write_bytes(b"half")
    os.utime(old, (0, 0))
    storage.store(PATH, BytesIO(CONTENT))
    assert (old.exists(), new.exists()) == (False, True)
    assert [file.path for file in storage.listed("images/")] == [PATH]


def test_who_is_killed_while_storing_leaves_nothing_that_counts(folder: Path) -> None:
    code = (
        "import sys, django; django.setup(); from bearman import storage; "
        "storage.store(sys.argv[1], open(sys.argv[2], 'rb'))"
    )
    environment = os.environ | {
        "BEARMAN_DATA_DIR": str(folder.parent),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "DJANGO_SETTINGS_MODULE": "bearman.settings",
    }
    source = folder.parent / "source"
    with source.open("wb") as file:
        file.truncate(2 * 2**30)
    process = subprocess.Popen(
        [sys.executable, "-c", code, PATH, str(source)],
        cwd=Path(__file__).resolve().parents[2],
        env=environment,
    )
    limit = time.monotonic() + 60
    while not any(draft.stat().st_size for draft in (folder / ".drafts").glob("*")):
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert storage.size(PATH) is None
    storage.store(PATH, BytesIO(CONTENT))
    assert storage.read(PATH, most=len(CONTENT)) == CONTENT
