"""What Bearman's doors say of files in a bucket, fetched as machines and builders do."""

import hashlib
import io
import re
import secrets
import subprocess
from pathlib import Path

import pytest
import requests
from django.test import Client
from pytest_django import Settings

from bearman import storage
from bearman.lib.errors import BearmanError
from bearman.lib.network import networks
from nodes.services.boot import boot_ask
from nodes.services.firmware_artefacts import artefact_forget, artefact_store
from profiles.models import Image
from profiles.services import image_add_folder, release_publish
from profiles.services.uploads import image_begin, image_complete
from profiles.stage_one import stage_one_forget
from tests.profiles.builds import build
from tests.storage.buckets import Place, make_bucket, use_bucket
from tests.storage.ceph import Ceph

pytestmark = pytest.mark.django_db
UUID = "4c4c4544-0042-3510-8052-b4c04f4d3732"
SCRIPT = b"#!/bin/sh\necho from the bucket\n"


@pytest.fixture(params=["public", "signed"])
def urls(request: pytest.FixtureRequest, ceph: Ceph, settings: Settings, tmp_path: Path) -> str:
    """A bucket with a stage one and a release of scripts; how addresses are given."""
    settings.ENROLMENT_NETWORKS = networks(["127.0.0.0/8"])
    stage_one_forget()
    make_bucket(ceph, settings, f"doors-{secrets.token_hex(4)}", urls=request.param)
    built = build("stage-one", "1+a", kind="stage-one")
    image_add_folder(folder=built.write(tmp_path / "built"))
    release_publish(contents={"register.sh": SCRIPT})
    return str(request.param)


def fetched(url: str, file: Path) -> str:
    """SHA-256 of what curl gets, in two pieces: it breaks off, and is resumed."""
    subprocess.run(["curl", "-fsS", "-r", "0-99", "-o", file, url], check=True)
    assert file.stat().st_size == 100
    subprocess.run(["curl", "-fsS", "-C", "-", "-o", file, url], check=True)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.unlink()
    return digest


def test_every_address_of_a_boot_script_gives_the_file_and_can_be_resumed(
    urls: str, client: Client, tmp_path: Path
) -> None:
    script = client.get(f"/ipxe/{UUID}").content.decode()
    image = Image.objects.get()
    kernel = re.search(r"^kernel (\S+)", script, re.MULTILINE)
    initramfs = re.search(r"^initrd --name initrd.img (\S+)", script, re.MULTILINE)
    root = re.search(r" fetch=(\S+) bearman.root=([0-9a-f]{64}):", script)
    assert kernel
    assert initramfs
    assert root
    assert image.root is not None
    assert fetched(kernel[1], tmp_path / "k") == image.kernel.sha256
    assert fetched(initramfs[1], tmp_path / "i") == image.initramfs.sha256
    assert fetched(root[1], tmp_path / "r") == image.root.sha256 == root[2]
    for url in (kernel[1], initramfs[1], root[1]):
        assert ("X-Amz-Signature=" in url) == (urls == "signed")
        plain = requests.get(url.partition("?")[0], timeout=20).status_code
        assert plain == (403 if urls == "signed" else 200)


def test_the_script_that_is_due_is_fetched_from_the_bucket(urls: str, client: Client) -> None:
    token = boot_ask(uuid=UUID, source="127.0.0.1").token
    due = client.get(f"/autorun/{UUID}", headers={"Authorization": f"Bearer {token}"})
    name, sha256, url = due.content.decode().split()
    assert (name, sha256) == ("register.sh", hashlib.sha256(SCRIPT).hexdigest())
    assert requests.get(url, timeout=20).content == SCRIPT


def test_doors_answer_while_the_storage_is_away(
    urls: str, ceph: Ceph, client: Client, settings: Settings
) -> None:
    """Machines wait at no door for another server: addresses are made here."""
    asked = client.get(f"/ipxe/{UUID}").content.decode()
    ceph.kill_gateway()
    try:
        again = client.get(f"/ipxe/{UUID}").content.decode()
    finally:
        ceph.start_gateway()
    assert again.count("kernel http") == asked.count("kernel http") == 1


def test_an_image_is_uploaded_straight_to_the_bucket_and_verified_there(bucket: Place) -> None:
    built = build(size=200_000)
    begun = image_begin(manifest=built.manifest, signature="", by="olga")
    assert begun.upload is not None
    assert {target.kind for target in begun.targets} == set(built.files)
    for target in begun.targets:
        assert target.url.startswith(f"{bucket.ceph.endpoint}/{bucket.name}/incoming/")
        sent = requests.put(target.url, data=built.files[target.kind], timeout=20)
        assert sent.status_code == 200
    image = image_complete(key=begun.upload.key, promote=True, by="olga")
    for artefact in (image.kernel, image.initramfs, image.root):
        assert artefact is not None
        content = requests.get(storage.url(artefact.path), timeout=20).content
        assert hashlib.sha256(content).hexdigest() == artefact.sha256
    assert list(storage.listed(storage.INCOMING)) == []


def test_an_upload_that_is_not_what_the_manifest_says_gets_no_name(bucket: Place) -> None:
    built = build(size=2000)
    begun = image_begin(manifest=built.manifest, signature="", by="olga")
    assert begun.upload is not None
    for target in begun.targets:
        content = built.files[target.kind]
        wrong = bytes(len(content)) if target.kind == "root" else content
        assert requests.put(target.url, data=wrong, timeout=20).status_code == 200
    with pytest.raises(BearmanError, match="squashfs"):
        image_complete(key=begun.upload.key, promote=True, by="olga")
    assert not Image.objects.exists()
    assert not [f for f in storage.listed("images/") if f.path.endswith("filesystem.squashfs")]
    again = image_begin(manifest=built.manifest, signature="", by="olga")
    assert [target.kind for target in again.targets] == ["root"]
    assert again.upload is not None
    (target,) = again.targets
    assert requests.put(target.url, data=built.files["root"], timeout=20).status_code == 200
    assert image_complete(key=again.upload.key, promote=True, by="olga").current


def test_an_upload_goes_on_after_the_storage_was_away(bucket: Place, settings: Settings) -> None:
    built = build(size=2000)
    begun = image_begin(manifest=built.manifest, signature="", by="olga")
    assert begun.upload is not None
    for target in begun.targets:
        requests.put(target.url, data=built.files[target.kind], timeout=20)
    bucket.ceph.kill_gateway()
    try:
        with pytest.raises(BearmanError, match="Connection refused"):
            image_complete(key=begun.upload.key, promote=True, by="olga")
        assert not Image.objects.exists()
    finally:
        bucket.ceph.start_gateway()
    assert image_complete(key=begun.upload.key, promote=True, by="olga").current


@pytest.mark.parametrize("urls", ["public", "signed"])
def test_firmware_comes_from_the_bucket_and_is_resumed(
    ceph: Ceph, settings: Settings, tmp_path: Path, urls: str
) -> None:
    place = make_bucket(ceph, settings, f"firmware-{secrets.token_hex(4)}")
    use_bucket(ceph, settings, place.name, urls=urls)
    content = secrets.token_bytes(300_000)
    artefact = artefact_store(baseline="bios", name="BIOS 2.14 (x).exe", file=io.BytesIO(content))
    assert artefact.path.endswith("/BIOS_2.14_x_.exe")
    assert fetched(storage.url(artefact.path), tmp_path / "bios") == artefact.sha256
    artefact_forget(artefact.path)
    assert storage.size(artefact.path) is None
