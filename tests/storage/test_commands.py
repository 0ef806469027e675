"""`bearman storage_check`, `storage_prepare` and `storage_copy`, run as operators run them."""

import os
import secrets
import subprocess
import sys
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from bearman import storage
from simulator.demo.ports import free_tcp_ports
from tests.storage.buckets import Place, use_bucket
from tests.storage.ceph import OWNER, STRANGER, Ceph

PROJECT = Path(__file__).resolve().parents[2]
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"


def run(*words: str, data: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run a command with nothing but these settings."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BEARMAN_")}
    return subprocess.run(
        [sys.executable, "-m", "bearman", *words],
        cwd=PROJECT,
        env=plain | {"BEARMAN_DATA_DIR": str(data), "DATABASE_URL": NO_DATABASE} | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def said(command: str, *words: str) -> str:
    """What a command says that ends well."""
    out = StringIO()
    call_command(command, *words, stdout=out)
    return out.getvalue()


def test_a_bucket_is_prepared_and_checked_with_two_commands(ceph: Ceph, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{OWNER.secret}\n")
    settings = Place(ceph, f"two-{secrets.token_hex(4)}").environment
    del settings["BEARMAN_S3_SECRET_KEY"]
    settings["BEARMAN_S3_SECRET_KEY_FILE"] = str(secret)
    prepared = run("storage_prepare", data=tmp_path, **settings)
    assert prepared.returncode == 0, prepared.stderr
    assert prepared.stdout.splitlines()[0].startswith("Made bucket two-")
    checked = run("storage_check", "--mib", "3", data=tmp_path, **settings)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    steps = [line.partition("ms  ")[2] for line in checked.stdout.splitlines()[1:-1]]
    assert steps == [
        "store 3 MiB",
        "read 3 MiB back",
        "fetch 3 MiB as machines do",
        "resume a download in the middle",
        "upload 3 MiB as builders of images do",
        "refuse uploads to be read before they are verified",
        "refuse an upload of another size",
        "give it its final name",
        "delete it",
    ]
    assert checked.stdout.endswith("The storage does all that Bearman and its machines need.\n")
    assert OWNER.secret not in checked.stdout + checked.stderr


def test_nothing_stays_of_a_check(bucket: Place) -> None:
    said("storage_check", "--mib", "1")
    for prefix in (*storage.PUBLIC, storage.INCOMING):
        assert list(storage.listed(prefix)) == []


def test_signed_addresses_are_checked_too(bucket: Place, settings: Settings) -> None:
    use_bucket(bucket.ceph, settings, bucket.name, urls="signed")
    with pytest.raises(CommandError, match="cannot be used as it is"):
        said("storage_check", "--mib", "1")
    said("storage_prepare")
    assert "ok " in said("storage_check", "--mib", "1")


def test_a_bucket_that_machines_cannot_read_is_found_out(bucket: Place, settings: Settings) -> None:
    use_bucket(bucket.ceph, settings, bucket.name, urls="signed")
    said("storage_prepare")
    use_bucket(bucket.ceph, settings, bucket.name)
    out = StringIO()
    with pytest.raises(CommandError, match="cannot be used as it is"):
        call_command("storage_check", "--mib", "1", stdout=out)
    assert "answers 403. The server does not let machines read it" in out.getvalue()
    assert out.getvalue().count("FAIL") == 2


def test_what_is_wrong_is_told_with_what_to_do_and_ends_with_1(ceph: Ceph, tmp_path: Path) -> None:
    settings = Place(ceph, "no-such-bucket").environment
    ended = run("storage_check", data=tmp_path, **settings)
    assert ended.returncode == 1
    assert "FAIL" in ended.stdout
    assert "There is no bucket no-such-bucket" in ended.stdout
    assert "`bearman storage_prepare`" in ended.stdout
    assert "Traceback" not in ended.stderr
    settings["BEARMAN_S3_ACCESS_KEY"] = "NOSUCHKEY"
    ended = run("storage_prepare", data=tmp_path, **settings)
    assert ended.returncode == 1
    assert "STORE" not in ended.stdout
    assert "BEARMAN_S3_ACCESS_KEY" in ended.stderr


def test_a_folder_is_checked_where_its_file_server_is_away(
    folder: Path, settings: Settings
) -> None:
    (port,) = free_tcp_ports(1)
    settings.STORAGES["default"]["OPTIONS"]["base_url"] = f"http://127.0.0.1:{port}/files/"
    settings.STORAGES = dict(settings.STORAGES)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("storage_check", "--mib", "1", stdout=out)
    assert f"http://127.0.0.1:{port} does not answer. See that the address" in out.getvalue()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_disk_that_is_full_is_told(tmp_path: Path) -> None:
    """A file system of 4 MiB, in a name space of mounts of its own."""
    words = f"mount -t tmpfs -o size=4m none {tmp_path} && exec {sys.executable} -m bearman"
    command = ["unshare", "-rm", "sh", "-c", f"{words} storage_check --mib 20"]
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs name spaces of users: sysctl kernel.unprivileged_userns_clone=1")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BEARMAN_")}
    settings = {"BEARMAN_DATA_DIR": str(tmp_path), "DATABASE_URL": NO_DATABASE}
    ended = subprocess.run(
        command, cwd=PROJECT, env=plain | settings, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "There is no space left for images/storage-check/" in ended.stdout


def test_a_folder_needs_no_preparation(folder: Path) -> None:
    assert "which needs no preparation" in said("storage_prepare")


@pytest.mark.parametrize("mib", ["0", "5000"])
def test_sizes_that_make_no_sense_are_refused(folder: Path, mib: str) -> None:
    with pytest.raises(CommandError, match="--mib is 1 to 4096"):
        call_command("storage_check", "--mib", mib)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder of files as a local storage leaves it."""
    root = tmp_path / "old"
    for path in ("images/a/1/x/vmlinuz", "scripts/y/register.sh", "firmware/bios/z/f.bin"):
        (root / path).parent.mkdir(parents=True)
        (root / path).write_bytes(secrets.token_bytes(1000))
    (root / "incoming").mkdir()
    (root / "incoming" / "half").write_bytes(b"half")
    (root / ".drafts").mkdir()
    (root / ".drafts" / "draft").write_bytes(b"draft")
    return root


def test_files_move_to_a_bucket_once_and_are_compared(bucket: Place, old: Path) -> None:
    out = said("storage_copy", "--from", str(old))
    assert "3 of 3 files copied to bucket files-" in out
    for path in old.rglob("*"):
        name = path.relative_to(old).as_posix()
        if name.startswith(storage.PUBLIC) and path.is_file():
            assert storage.read(name, most=1000) == path.read_bytes()
    assert list(storage.listed(storage.INCOMING)) == []
    assert "0 of 3 files copied" in said("storage_copy", "--from", str(old))


def test_what_differs_in_the_bucket_is_copied_again(bucket: Place, old: Path) -> None:
    said("storage_copy", "--from", str(old))
    storage.delete("images/a/1/x/vmlinuz")
    storage.current().write("scripts/y/register.sh", BytesIO(bytes(1000)))
    assert "2 of 3 files copied" in said("storage_copy", "--from", str(old))
    wanted = (old / "scripts/y/register.sh").read_bytes()
    assert storage.read("scripts/y/register.sh", most=1000) == wanted


def test_a_copy_says_what_it_cannot(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    with pytest.raises(CommandError, match="there is nothing to copy"):
        call_command("storage_copy", "--from", str(folder))
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("storage_copy", "--from", str(tmp_path / "nowhere"))


def test_a_copy_that_is_refused_says_how_far_it_came(
    bucket: Place, settings: Settings, old: Path
) -> None:
    use_bucket(bucket.ceph, settings, bucket.name, user=STRANGER)
    with pytest.raises(CommandError, match="After 0 files: Bearman's key may not"):
        call_command("storage_copy", "--from", str(old))
