"""manifest.json, its signature, and lists of packages, also from those who mean harm."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from profiles import arguments, manifest, promotions, sbom, signatures
from tests.profiles.builds import build, described, trust

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
KEYS = ("format", "name", "version", "kind", "recipe", "revision", "built_at", "append", "files")


def test_what_a_manifest_says_is_read() -> None:
    built = build("ubuntu-24.04", "2026-11-24.1+b", files={}, root=False)
    assert b'"files": {' in built.manifest
    found = manifest.read(build("ubuntu-24.04", "2026-11-24.1+b").manifest)
    assert found.label == "ubuntu-24.04/2026-11-24.1+b"
    assert (found.kind, found.append) == ("stage-two", "boot=live ip=dhcp")
    assert found.built_at.isoformat() == "2026-11-24T22:00:00+00:00"
    assert found.files["root"].name == "filesystem.squashfs"
    assert found.built_from == "ubuntu-24.04 0123456789ab"


def test_more_keys_are_left_to_people() -> None:
    built = build(tools={"mksquashfs": "4.6"}, steps=[1.5, 2])
    assert manifest.read(built.manifest).version == "1"


def files(**changes: Any) -> dict[str, Any]:
    """The files of a manifest, some of them changed."""
    found = {kind: described(kind, b"x") for kind in ("initramfs", "kernel", "root")}
    return {k: v for k, v in (found | changes).items() if v is not None}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "a/b"}, "name cannot be 'a/b'"),
        ({"name": ".hidden"}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"name": "a\n"}, "name"),
        ({"version": ""}, "version"),
        ({"version": None}, "version is missing"),
        ({"format": True}, "format"),
        ({"kind": ["stage-one"]}, "kind"),
        ({"built_at": "2026-11-24T22:00:00"}, "built_at"),
        ({"built_at": "0001-01-01T00:00:00+23:59"}, "built_at"),
        ({"append": "a || reboot"}, "append"),
        ({"append": "a ${net0/mac}"}, "append"),
        ({"append": "fetch=http://evil/"}, "fetch"),
        ({"append": "x" * 1001}, "append"),
        ({"append": "caf\u00e9"}, "append"),
        ({"recipe": "a\tb"}, "recipe"),
        ({"files": []}, "files is not a mapping"),
        ({"files": files(kernel=None)}, "files has no kernel"),
        ({"files": files(extra={"name": "x"})}, "does not know"),
        ({"files": files(kernel={"name": "../x", "sha256": "0" * 64, "size": 1})}, "kernel"),
        ({"files": files(kernel={"name": "k", "sha256": "0" * 63, "size": 1})}, "sha256"),
        ({"files": files(kernel={"name": "k", "sha256": "0" * 64, "size": 0})}, "size"),
        ({"files": files(kernel={"name": "k", "sha256": "0" * 64, "size": True})}, "size"),
        ({"files": files(kernel={"name": "k", "sha256": "0" * 64, "size": 2**41})}, "size"),
        (
            {"files": files(kernel={"name": "initrd.img", "sha256": "0" * 64, "size": 1})},
            "one name",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_named(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        manifest.read(build(**values).manifest)
    assert words in str(error.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: json.dumps(json.loads(text)).encode(),  # all on one line
        lambda text: json.dumps(json.loads(text), indent=2).encode(),  # a file on several lines
        lambda text: text.replace(b'  "format": 1,', b'  "format": 1,\n  "format": 1,'),
        lambda text: text.replace(b"  ", b"\t"),
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text + b"\xff",
        lambda text: text[:-5],
        lambda text: b"[" * 100_000,
        lambda text: text + b" " * manifest.MAX_BYTES,
        lambda text: b"",
        lambda text: b"null",
        lambda text: text.replace(b'"format": 1,', b'"format": NaN,'),
    ],
)
def test_what_machines_could_not_read_is_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ValueError, match=r"."):
        manifest.read(change(build().manifest))


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4))
def test_any_values_are_read_or_refused_in_words(values: dict[str, Any]) -> None:
    _read_or_refused(build(**values).manifest)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    _read_or_refused(data)


def _read_or_refused(data: bytes) -> None:
    found = words = None
    try:
        found = manifest.read(data)
    except ValueError as error:
        words = str(error)
    if found is None:
        assert words
        assert len(words) < 400
    else:
        assert "/" not in found.name + found.version
        assert "\n" not in found.append


def test_only_a_trusted_key_counts(tmp_path: Path) -> None:
    mine, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    keys = signatures.trusted(trust(tmp_path, mine))
    signed = build(key=mine)
    (name,) = keys
    assert signatures.signed_by(signed.manifest, signed.signature, keys) == name
    assert signatures.signed_by(signed.manifest + b" ", signed.signature, keys) is None
    assert signatures.signed_by(signed.manifest, build(key=other).signature, keys) is None
    for wrong in ("", "x", "A" * 88, "A" * 1000, "\u00e9" * 88):
        with pytest.raises(ValueError, match="signature"):
            signatures.signed_by(b"", wrong, keys)


def test_a_folder_of_keys_may_hold_other_things(tmp_path: Path) -> None:
    key, rsa = Ed25519PrivateKey.generate(), generate_private_key(65537, 2048)
    trust(tmp_path, key)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "image-key.pem").write_bytes(private)
    public = rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "rsa.pem").write_bytes(public)
    (tmp_path / "rubbish.pem").write_bytes(b"\0" * 20_000)
    (tmp_path / "folder.pem").mkdir()
    assert list(signatures.trusted(tmp_path)) == [signatures.key_id(key.public_key())]
    assert signatures.trusted(tmp_path / "none") == {}


def spdx(*packages: Any, **more: Any) -> bytes:
    """A document in SPDX 2.3."""
    return json.dumps({"spdxVersion": "SPDX-2.3", "packages": list(packages), **more}).encode()


def test_packages_of_several_architectures_and_versions_are_one_row() -> None:
    data = spdx(
        {"name": "libc6", "versionInfo": "2.36-9"},
        {"name": "libc6", "versionInfo": "2.36-9"},
        {"name": "kernel-core", "versionInfo": "5.14.0-2"},
        {"name": "kernel-core", "versionInfo": "5.14.0-1"},
        {"name": "gpg-pubkey"},
        {"name": "the-image", "SPDXID": "SPDXRef-Image", "versionInfo": "1"},
        relationships=[
            {"relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-Image"},
            "rubbish",
        ],
    )
    assert sbom.packages(data) == {
        "gpg-pubkey": "unknown",
        "kernel-core": "5.14.0-1, 5.14.0-2",
        "libc6": "2.36-9",
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"spdxVersion": "SPDX-3.0", "packages": []}',
        spdx(7),
        spdx({"versionInfo": "1"}),
        spdx({"name": 5}),
        spdx({"name": "a", "versionInfo": []}),
        b'{"spdxVersion": "SPDX-2.3", "packages": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_list_of_packages_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        sbom.packages(data)


@given(JSON, JSON)
def test_any_document_is_read_or_refused_in_words(packages: Any, relationships: Any) -> None:
    document = {"spdxVersion": "SPDX-2.3", "packages": packages, "relationships": relationships}
    found: dict[str, str] = {}
    with suppress(ValueError):
        found = sbom.packages(json.dumps(document).encode())
    assert all(name.isprintable() and version for name, version in found.items())


@given(
    st.dictionaries(st.text("abc", min_size=1), st.text("12", min_size=1)),
    st.dictionaries(st.text("abc", min_size=1), st.text("12", min_size=1)),
)
def test_changes_lead_from_one_list_to_the_other(
    before: dict[str, str], after: dict[str, str]
) -> None:
    found = dict(before)
    for change in sbom.changes(before, after):
        assert found.get(change.name, "") == change.before
        if change.after:
            found[change.name] = change.after
        else:
            del found[change.name]
    assert found == after


def test_going_back_again_and_again_reaches_the_first_version() -> None:
    history = [(False, version) for version in "1232"]
    known = set("123")
    steps = []
    while (version := promotions.before(history, current=history[-1][1], known=known)) is not None:
        history.append((True, version))
        steps.append(version)
    assert steps == ["3", "2", "1"]


def test_going_back_passes_over_what_was_deleted() -> None:
    history = [(False, "1"), (False, "2"), (False, "3")]
    assert promotions.before(history, current="3", known={"1", "3"}) == "1"
    assert promotions.standing([*history, (True, "1")]) == ["1"]
    assert promotions.before(history, current="3", known={"3"}) is None
    assert promotions.before([], current="3", known={"3"}) is None


def test_where_image_and_profile_set_an_argument_the_profiles_counts() -> None:
    merged = arguments.merged(image="boot=live console=tty0 quiet", profile="console=ttyS0 a=1")
    assert merged == "boot=live quiet console=ttyS0 a=1"
    assert arguments.merged(image="", profile="a") == "a"
    assert arguments.merged(image="a", profile="") == "a"
