"""What machines and builders of images get of a bucket, asked as they ask it: with plain HTTP."""

import secrets
import subprocess
import time
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.core.files.storage import storages
from pytest_django import Settings

from bearman import storage
from bearman.lib.errors import Invalid
from bearman.storage.bucket import Bucket
from tests.storage.buckets import Place, make_bucket, prepare, use_bucket
from tests.storage.ceph import Ceph

CONTENT = secrets.token_bytes(3 * 2**20 + 7)
PATH = "images/debian-12/1.0+b/0123456789abcdef/vmlinuz"


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=20)


def put(url: str, content: bytes) -> int:
    return requests.put(url, data=content, timeout=20).status_code


def plain(url: str) -> str:
    """An address without its signature."""
    return url.partition("?")[0]


def test_machines_get_plain_addresses_of_what_all_may_read(bucket: Place) -> None:
    storage.store(PATH, BytesIO(CONTENT))
    url = storage.url(PATH)
    assert url == f"{bucket.ceph.endpoint}/{bucket.name}/{PATH.replace('+', '%2B')}"
    answer = get(url)
    assert answer.content == CONTENT
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["accept-ranges"] == "bytes"


def test_a_download_that_broke_off_is_resumed(bucket: Place, tmp_path: Path) -> None:
    storage.store(PATH, BytesIO(CONTENT))
    file = tmp_path / "vmlinuz"
    file.write_bytes(CONTENT[:1_000_000])
    command = ["curl", "-fsS", "-C", "-", "-o", str(file), "-w", "%{http_code} %{size_download}"]
    done = subprocess.run([*command, storage.url(PATH)], capture_output=True, text=True, check=True)
    assert done.stdout == f"206 {len(CONTENT) - 1_000_000}"
    assert file.read_bytes() == CONTENT
    assert get(storage.url(PATH), Range=f"bytes={len(CONTENT)}-").status_code == 416


def test_nobody_reads_uploads_or_lists_or_writes_without_a_signature(bucket: Place) -> None:
    storage.store(PATH, BytesIO(CONTENT))
    storage.store("incoming/upload/kernel", BytesIO(CONTENT))
    root = f"{bucket.ceph.endpoint}/{bucket.name}"
    assert get(f"{root}/incoming/upload/kernel").status_code == 403
    assert get(f"{root}/").status_code == 403
    assert get(f"{root}/?list-type=2&prefix=images/").status_code == 403
    assert get(f"{root}/images/no-such").status_code in {403, 404}
    assert put(f"{root}/images/mine", b"x") == 403
    assert put(f"{root}/{PATH}", b"x") == 403
    assert requests.delete(f"{root}/{PATH}", timeout=20).status_code == 403
    assert storage.size(PATH) == len(CONTENT)


def test_a_signed_address_gives_one_file_and_no_other(ceph: Ceph, settings: Settings) -> None:
    make_bucket(ceph, settings, f"signed-{secrets.token_hex(4)}", urls="signed")
    storage.store(PATH, BytesIO(CONTENT))
    storage.store("images/other", BytesIO(CONTENT))
    url = storage.url(PATH)
    assert get(url).content == CONTENT
    assert get(url, Range="bytes=5-9").content == CONTENT[5:10]
    assert get(plain(url)).status_code == 403
    assert (
        get(url.replace(urlsplit(url).path, urlsplit(storage.url("images/other")).path)).status_code
        == 403
    )
    assert get(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 403
    assert get(url.replace("Expires=21600", "Expires=604800")).status_code == 403
    assert put(url, b"x") == 403


def test_a_signed_address_ends(ceph: Ceph, settings: Settings) -> None:
    make_bucket(ceph, settings, f"ends-{secrets.token_hex(4)}", urls="signed")
    storage.store(PATH, BytesIO(CONTENT))
    settings.S3_URL_SECONDS = 1
    url = storage.url(PATH)
    assert get(url).status_code == 200
    time.sleep(2.1)
    assert get(url).status_code == 403


def test_addresses_are_signed_for_the_name_by_which_nodes_reach_the_server(
    ceph: Ceph, settings: Settings
) -> None:
    name = f"names-{secrets.token_hex(4)}"
    public = f"http://localhost:{ceph.port}"
    make_bucket(ceph, settings, name, urls="signed", public_endpoint=public)
    storage.store(PATH, BytesIO(CONTENT))
    assert storage.url(PATH).startswith(f"{public}/{name}/images/")
    assert get(storage.url(PATH)).content == CONTENT
    put_url = storage.put_url("incoming/a", 4)
    assert put_url is not None
    assert put_url.startswith(f"{public}/{name}/incoming/a?")
    assert put(put_url, b"four") == 200


def test_an_upload_goes_to_the_server_and_has_the_size_that_was_said(bucket: Place) -> None:
    url = storage.put_url("incoming/upload/root", len(CONTENT))
    assert url is not None
    assert put(url, CONTENT + b"more") == 403
    assert put(url, CONTENT[:-1]) == 403
    assert storage.size("incoming/upload/root") is None
    assert put(url, CONTENT) == 200
    assert put(url.replace("incoming", "images"), CONTENT) == 403
    storage.move("incoming/upload/root", PATH)
    assert get(storage.url(PATH)).content == CONTENT
    assert storage.size("incoming/upload/root") is None


def test_an_address_for_an_upload_ends_too(bucket: Place, settings: Settings) -> None:
    settings.S3_URL_SECONDS = 1
    url = storage.put_url("incoming/late", 4)
    assert url is not None
    time.sleep(2.1)
    assert put(url, b"four") == 403
    assert storage.size("incoming/late") is None


def test_more_than_one_upload_may_carry_is_refused_before_it_begins(bucket: Place) -> None:
    with pytest.raises(Invalid, match="one upload may have at most 5368709120"):
        storage.put_url("incoming/huge", 5 * 2**30 + 1)


def test_making_the_bucket_twice_changes_nothing_and_others_rules_stay(
    ceph: Ceph, settings: Settings
) -> None:
    use_bucket(ceph, settings, f"twice-{secrets.token_hex(4)}")
    client = Bucket(storages["default"]).client
    name = settings.STORAGES["default"]["OPTIONS"]["bucket_name"]
    assert [line.split()[0] for line in prepare()] == ["Made", "All", "Uploads"]
    policy = client.get_bucket_policy(Bucket=name)["Policy"]
    rules = client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    others = policy.replace("BearmanPublicRead", "Another").replace("images/*", "pages/*")
    client.put_bucket_policy(Bucket=name, Policy=others)
    assert "from now on" in prepare()[1]
    assert all("as before" in line or "There is" in line for line in prepare())
    now = client.get_bucket_policy(Bucket=name)["Policy"]
    assert "Another" in now
    assert "BearmanPublicRead" in now
    assert client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"] == rules
    assert {rule["ID"] for rule in rules} == {"bearman-incoming", "bearman-incoming-parts"}


def test_signed_addresses_take_the_public_ones_back(bucket: Place, settings: Settings) -> None:
    storage.store(PATH, BytesIO(CONTENT))
    url = storage.url(PATH)
    assert get(url).status_code == 200
    use_bucket(bucket.ceph, settings, bucket.name, urls="signed")
    assert "Nobody may read without a signature from now on." in prepare()
    assert get(url).status_code == 403
    assert get(storage.url(PATH)).status_code == 200


def test_a_bucket_speaks_tls_with_a_certificate_of_the_sites_own(
    ceph: Ceph, settings: Settings
) -> None:
    ca = str(ceph.folder / "ca.pem")
    make_bucket(ceph, settings, f"tls-{secrets.token_hex(4)}", endpoint=ceph.tls_endpoint, ca=ca)
    large = secrets.token_bytes(40 * 2**20)
    storage.store(PATH, BytesIO(large))
    assert b"".join(storage.pieces(PATH)) == large
    assert requests.get(storage.url(PATH), verify=ca, timeout=20).content == large
    url = storage.put_url("incoming/a", 4)
    assert url is not None
    assert requests.put(url, data=b"four", verify=ca, timeout=20).status_code == 200
