"""The local store: manifests, signatures, atomic folders, what is damaged, old versions."""

import hashlib
import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from image_builder import diff, keys, manifest, pack, prune, sbom, store
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.sbom import Package
from image_builder.settings import Settings
from image_builder.store import Stored
from profiles import manifest as servers
from profiles import sbom as servers_sbom


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(images=tmp_path / "images", keys=tmp_path / "keys")


def packed(settings: Settings, version: str = "1", salt: str = "", **changes: object) -> Stored:
    source = settings.images.parent
    files = {}
    for kind in ("kernel", "initramfs", "root"):
        files[kind] = source / f"{kind}.bin"
        files[kind].write_bytes(f"{kind} {version}{salt}".encode() * 1000)
    values = {"name": "tiny", "version": version, "kind": "stage-two", "append": "quiet"}
    foreign = pack.Foreign(**{**values, "files": files, **changes})  # type: ignore[arg-type]
    return pack.run(foreign, settings, settings.images)


def test_the_server_reads_the_manifest_that_is_written(settings: Settings) -> None:
    stored = packed(settings)
    found = servers.read((stored.folder / manifest.NAME).read_bytes())
    assert found.label == "tiny/1"
    assert found.append == "quiet"
    assert found.files["root"].sha256 == stored.manifest.files["root"].sha256


def test_each_file_is_on_a_line_of_its_own(settings: Settings) -> None:
    stored = packed(settings)
    file = stored.manifest.files["kernel"]
    line = f'    "kernel": {{"name": "vmlinuz", "sha256": "{file.sha256}", "size": {file.size}}},'
    assert line in (stored.folder / manifest.NAME).read_text().splitlines()


def test_a_manifest_is_read_as_it_was_written(settings: Settings) -> None:
    stored = packed(settings)
    assert store.read(stored.folder).manifest == stored.manifest


def test_openssl_verifies_the_signature_as_stage_one_does(
    settings: Settings, tmp_path: Path
) -> None:
    stored = packed(settings)
    signature = tmp_path / "sig.bin"
    text = (stored.folder / manifest.SIGNATURE).read_bytes()
    assert len(text) == 89
    subprocess.run(["base64", "-d"], input=text, stdout=signature.open("wb"), check=True)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-sigfile", str(signature)]
    command += ["-inkey", str(settings.keys / keys.PUBLIC), "-in"]
    subprocess.run([*command, str(stored.folder / manifest.NAME)], check=True, capture_output=True)
    other = subprocess.run([*command, str(stored.path("kernel"))], check=False, capture_output=True)
    assert other.returncode


def test_a_private_key_is_for_its_owner_alone(settings: Settings) -> None:
    keys.ensure(settings.keys)
    assert (settings.keys / keys.PRIVATE).stat().st_mode & 0o777 == 0o600
    assert keys.public_keys(settings.keys) == [settings.keys / keys.PUBLIC]


def test_the_key_that_signed_is_named(settings: Settings) -> None:
    stored = packed(settings)
    data = (stored.folder / manifest.NAME).read_bytes()
    signature = (stored.folder / manifest.SIGNATURE).read_bytes()
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", settings.keys / keys.PUBLIC, "-outform", "DER"],
        check=True,
        capture_output=True,
    ).stdout
    assert keys.signer(data, signature, settings.keys) == hashlib.sha256(der).hexdigest()[:16]
    assert keys.signer(data + b" ", signature, settings.keys) == ""


def test_a_key_that_cannot_be_used_is_told(settings: Settings) -> None:
    settings.keys.mkdir()
    (settings.keys / keys.PRIVATE).write_text("nothing")
    with pytest.raises(BuildError, match="it is no private key in PEM form") as caught:
        packed(settings)
    assert caught.value.exit_code is ExitCode.DENIED
    assert not list(settings.images.glob("tiny/*"))


def test_a_version_that_is_there_is_refused_and_not_touched(settings: Settings) -> None:
    before = packed(settings).manifest
    with pytest.raises(BuildError, match="tiny/1 is there already") as caught:
        packed(settings)
    assert caught.value.exit_code is ExitCode.REFUSED
    assert store.find(settings.images, "tiny").manifest == before


def test_versions_are_numbered_within_a_day(settings: Settings) -> None:
    first, second = packed(settings, version=""), packed(settings, version="")
    assert first.manifest.version.endswith(".1")
    assert second.manifest.version.endswith(".2")


@pytest.mark.parametrize("version", ["../up", "a b", "-x", "a" * 65])
def test_a_bad_version_is_refused(settings: Settings, version: str) -> None:
    with pytest.raises(BuildError, match="is not a version"):
        packed(settings, version=version)


def test_arguments_that_are_bearmans_own_are_refused(settings: Settings) -> None:
    with pytest.raises(BuildError, match=r"Bearman itself sets bearman\."):
        packed(settings, append="bearman.url=http://x")


def test_a_changed_byte_is_found(settings: Settings) -> None:
    stored = packed(settings)
    path = stored.path("root")
    data = bytearray(path.read_bytes())
    data[7] ^= 1
    path.write_bytes(data)
    with pytest.raises(BuildError, match="its SHA-256 is not that of its manifest") as caught:
        store.verify(stored)
    assert caught.value.exit_code is ExitCode.DAMAGED


def test_a_folder_that_is_not_finished_is_no_image_and_goes_away(settings: Settings) -> None:
    target = store.target_of(settings.images, "tiny", "1")
    with pytest.raises(ZeroDivisionError), store.part(target) as part:
        (part / "vmlinuz").write_bytes(bytes(1 // 0))
    assert store.versions(settings.images) == []
    assert list(target.parent.iterdir()) == []


def test_what_is_not_on_the_disk_as_it_was_described_gets_no_name(settings: Settings) -> None:
    wanted, (key, _) = packed(settings, version="1").manifest, keys.ensure(settings.keys)
    target = store.target_of(settings.images, "tiny", "2")
    with store.part(target) as part:
        for file in wanted.files.values():
            (part / file.name).write_bytes(b"x" * file.size)
        with pytest.raises(BuildError, match="is damaged") as caught:
            store.finish(part, target, wanted, key)
    assert caught.value.exit_code is ExitCode.DAMAGED
    assert [path.name for path in target.parent.iterdir()] == ["1"]


def test_a_build_leaves_alone_what_another_is_making(settings: Settings) -> None:
    target = store.target_of(settings.images, "tiny", "1")
    with store.part(target) as part:
        packed(settings, version="2")
        assert part.is_dir()
    assert not part.exists()


def test_what_a_killed_build_left_goes_with_the_next(settings: Settings) -> None:
    left = settings.images / "tiny" / f"{store.PART}dead"
    left.mkdir(parents=True)
    (left / "vmlinuz").write_bytes(b"x")
    packed(settings)
    assert not left.exists()


def test_pruning_keeps_the_newest_and_what_is_current(settings: Settings) -> None:
    for version in ("1", "2", "3", "4"):
        packed(settings, version=version)
    old = prune.old_versions(settings.images, keep=2, current={"tiny/1"})
    assert [item.label for item in old] == ["tiny/2"]
    assert old[0].size > 0
    prune.remove(old)
    left = [each.manifest.version for each in store.versions(settings.images)]
    assert left == ["4", "3", "1"]


def test_pruning_removes_of_the_cache_what_no_build_needs(settings: Settings) -> None:
    days = {
        "packages/new.deb": 29,
        "packages/old.deb": 31,
        "bases/old.squashfs": 31,
        "packages/.part-new": 0.5,
        "packages/.part-dead": 1.5,
        "wheels/.part-dead/wheels/x.whl": 1.5,
        ".part-dead/x": 1.5,
        "wheels/3.11-0/x.whl": 99,
    }
    for name, age in days.items():
        path = settings.cache / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
        for each in (path, path.parent, path.parent.parent):
            if each.name.startswith(".part-") or each == path:
                os.utime(each, (time.time() - age * 86_400,) * 2)
    items = prune.old_cache(settings)
    assert sorted(
        (item.path.relative_to(settings.cache).as_posix(), item.size) for item in items
    ) == [
        (".part-dead", 5),
        ("bases/old.squashfs", 5),
        ("packages/.part-dead", 5),
        ("packages/old.deb", 5),
        ("wheels/.part-dead", 5),
    ]
    prune.remove(items)
    left = {path.name for path in settings.cache.rglob("*") if path.is_file()}
    assert left == {"new.deb", ".part-new", "x.whl"}


def test_two_images_are_compared_by_packages_and_sizes(settings: Settings) -> None:
    lists = {
        "1": [Package("bash", "5.1"), Package("gone", "1"), Package("same", "1")],
        "2": [Package("bash", "5.2"), Package("new", "1"), Package("same", "1")],
    }
    found = []
    for version, packages in lists.items():
        stored = packed(settings, version=version)
        data = sbom.document(packages, name="tiny", namespace="https://example.com/x", epoch=0)
        (stored.folder / "sbom.spdx.json").write_bytes(data)
        text = json.loads((stored.folder / manifest.NAME).read_text())
        digest = hashlib.sha256(data).hexdigest()
        text["files"]["sbom"] = {"name": "sbom.spdx.json", "sha256": digest, "size": len(data)}
        (stored.folder / manifest.NAME).write_text(json.dumps(text))
        found.append(store.read(stored.folder))
    changes = [(each.name, each.kind) for each in diff.packages(*found)]
    assert changes == [("bash", "changed"), ("gone", "removed"), ("new", "added")]
    assert diff.sizes(*found)["root"] == (6000, 6000)


def test_the_list_of_packages_is_spdx() -> None:
    packages = [
        Package("g++", "1:12-3", "amd64", "deb", "debian"),
        Package("typer", "0.16", kind="pypi"),
    ]
    found = json.loads(sbom.document(packages, name="x", namespace="https://e.com/x", epoch=86_400))
    assert found["spdxVersion"] == "SPDX-2.3"
    assert found["creationInfo"]["created"] == "1970-01-02T00:00:00Z"
    assert found["packages"][0]["SPDXID"] == sbom.IMAGE
    first, second = found["packages"][1:]
    contained = {each["relatedSpdxElement"]: each for each in found["relationships"][1:]}
    assert list(contained) == [first["SPDXID"], second["SPDXID"]]
    assert all(each["spdxElementId"] == sbom.IMAGE for each in contained.values())
    assert all(each["relationshipType"] == "CONTAINS" for each in contained.values())
    assert (first["SPDXID"], first["versionInfo"]) == ("SPDXRef-1-g--", "1:12-3")
    assert (
        first["externalRefs"][0]["referenceLocator"] == "pkg:deb/debian/g%2B%2B@1%3A12-3?arch=amd64"
    )


def test_the_server_finds_the_packages_that_the_builder_lists() -> None:
    packages = [Package("g++", "1:12-3", "amd64", "deb", "debian"), Package("typer", "0.16")]
    data = sbom.document(packages, name="tiny", namespace="https://example.com/x", epoch=0)
    assert servers_sbom.packages(data) == {"g++": "1:12-3", "typer": "0.16"}
    assert sbom.packages_of(data) == servers_sbom.packages(data)
