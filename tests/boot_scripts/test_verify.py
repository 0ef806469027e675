"""kexec.sh of a stage one that has public keys: signed images boot, and nothing else does."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from image_builder import keys, manifest
from profiles.bundle import bundle
from tests.boot_scripts.deployment import APPEND, PATHS, Deployment
from tests.boot_scripts.machine import BOOT_SCRIPTS, UUID, Machine
from tests.boot_scripts.shells import under_one_shell, under_two_shells
from tests.boot_scripts.signed import (
    FILE,
    FILES,
    KEY,
    NAME,
    OTHER_KEY,
    ROOT_SHA256,
    ROOT_SIZE,
    VERSION,
    Manifest,
    knows,
    offer,
    public,
    signature,
)
from tests.boot_scripts.web import Answer, Web

GOOD = Manifest()
TEXT = GOOD.text()
ROOT = f"bearman.root={ROOT_SHA256}:{ROOT_SIZE}"


def refused(machine: Machine, deployment: Deployment, issue: str) -> str:
    """Run kexec.sh, see that it refuses with this code before anything is fetched; its words."""
    ended = machine.run("kexec.sh")
    assert ended.code == 1, ended.console
    (report,) = machine.reports("failed")
    assert (report["step"], report["issue"]) == ("verify", issue), report
    assert set(deployment.fetched) <= {FILE}
    assert not deployment.jumped
    assert machine.calls("kexec") == []
    assert f"Step          verify, code {issue}" in ended.console
    return report["message"]


def rsa_key() -> str:
    """A public key of the wrong kind."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_an_image_that_a_known_key_has_signed_is_booted(
    machine: Machine, deployment: Deployment
) -> None:
    knows(machine, OTHER_KEY, KEY)
    offer(deployment)
    ended = machine.run("kexec.sh")
    assert (ended.code, deployment.jumped) == (0, True), ended.console
    assert deployment.fetched == [FILE, PATHS["kernel"], PATHS["initramfs"]]
    said = f"bearman: the manifest of {NAME}/{VERSION} is signed by key-1.pem\n"
    assert said in ended.console
    assert "Verified Successfully" in machine.log("verify")


def test_it_is_verified_by_the_published_script_too(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    knows(machine, KEY)
    offer(deployment, Manifest(version="2").text())
    web.publish(UUID, "kexec.sh", bundle("kexec.sh", BOOT_SCRIPTS))
    assert machine.run("autorun").code == 1
    assert machine.reports("failed")[0]["issue"] == "DEP-025"


def test_what_image_builder_writes_and_signs_is_what_stage_one_reads(
    machine: Machine, deployment: Deployment, tmp_path: Path
) -> None:
    files = {kind: manifest.File(*file) for kind, file in FILES.items()}
    text = manifest.Manifest(
        name=NAME,
        version=VERSION,
        kind="stage-two",
        built_at="2026-11-24T22:00:00Z",
        files=files,
        more={"base": {"kernel": "x"}, "steps": [1, 2]},
    ).encode()
    keys.make(tmp_path / "key")
    signed = keys.sign(keys.load(tmp_path / "key"), text).decode().strip()
    knows(machine, (tmp_path / "key" / keys.PUBLIC).read_text())
    offer(deployment, text, signed=signed)
    ended = machine.run("kexec.sh")
    assert (ended.code, deployment.jumped) == (0, True), ended.console


def test_a_stage_one_without_keys_goes_by_the_checksums_and_says_so(
    machine: Machine, deployment: Deployment
) -> None:
    (machine.root / "etc/bearman/image-keys").mkdir(parents=True)
    offer(deployment, signed=signature(TEXT, OTHER_KEY))
    ended = machine.run("kexec.sh")
    assert (ended.code, deployment.jumped) == (0, True)
    assert FILE not in deployment.fetched
    folder = machine.root / "etc/bearman/image-keys"
    words = f"no key in {folder}: the SHA-256 of the files is compared, and not who made them"
    assert f"bearman: {words}\n" in ended.console


@pytest.mark.issue("DEP-023")
@under_one_shell
@pytest.mark.parametrize("missing", ["manifest", "signature", "image", "all"])
def test_an_unsigned_image_is_not_booted(
    machine: Machine, deployment: Deployment, missing: str
) -> None:
    knows(machine, KEY)
    names = ("manifest", "signature", "image") if missing == "all" else (missing,)
    offer(deployment, **dict.fromkeys(names))
    words = "the image is not signed, and this stage one boots signed images only"
    assert refused(machine, deployment, "DEP-023") == words


@pytest.mark.issue("DEP-024")
def test_an_image_that_a_stranger_has_signed_is_not_booted(
    machine: Machine, deployment: Deployment
) -> None:
    knows(machine, KEY)
    offer(deployment, signed=signature(TEXT, OTHER_KEY))
    words = f"the manifest of {NAME}/{VERSION} is signed by none of the keys of this stage one (1)"
    assert refused(machine, deployment, "DEP-024") == words


TAMPERED = {
    "a letter": TEXT.replace(b"vmlinuz", b"vmlinux"),
    "a digit": TEXT.replace(b'"size": 12345', b'"size": 12346'),
    "a case": TEXT.replace(b"555555", b"55555A"),
    "a newline more": TEXT + b"\n",
    "a newline less": TEXT[:-1],
    "another line end": TEXT.replace(b"\n", b"\r\n"),
    "a NUL": TEXT + b"\0",
    "a NUL in the middle": TEXT.replace(b'"kind"', b'"ki\0nd"'),
    "a high byte": TEXT.replace(b"boot=live", b"boot=liv\xe9"),
    "a blank": TEXT.replace(b": ", b":  ", 1),
    "cut off": TEXT[:300],
    "something before": b"{}\n" + TEXT,
    "twice": TEXT * 2,
    "nothing": b" ",
}


@under_one_shell
@pytest.mark.parametrize("kind", TAMPERED)
def test_a_manifest_that_was_changed_after_it_was_signed_is_not_believed(
    machine: Machine, deployment: Deployment, kind: str
) -> None:
    assert TAMPERED[kind] != TEXT
    knows(machine, KEY)
    offer(deployment, TAMPERED[kind], signed=signature(TEXT))
    refused(machine, deployment, "DEP-024")


@under_one_shell
@pytest.mark.parametrize("place", [0, 1, 42, 43, 84, 85])
def test_a_signature_with_another_letter_is_not_believed(
    machine: Machine, deployment: Deployment, place: int
) -> None:
    good = signature(TEXT)
    letter = "w" if place == 85 and good[place] in "AQg" else "A" if good[place] != "A" else "g"
    knows(machine, KEY)
    offer(deployment, signed=good[:place] + letter + good[place + 1 :])
    refused(machine, deployment, "DEP-024")


def test_what_is_no_key_is_left_out_and_said(machine: Machine, deployment: Deployment) -> None:
    knows(machine, "no key", rsa_key(), public(KEY).replace("M", "N", 1), KEY)
    (machine.root / "etc/bearman/image-keys/gone.pem").symlink_to("nowhere")
    offer(deployment)
    ended = machine.run("kexec.sh")
    assert (ended.code, deployment.jumped) == (0, True), ended.console
    for name in ("key-0", "key-1", "key-2", "gone"):
        assert f"{name}.pem is no public Ed25519 key that can be read" in ended.console


@pytest.mark.issue("DEP-027")
@under_one_shell
@pytest.mark.parametrize("key", ["", "no key", rsa_key()], ids=["empty", "no key", "rsa"])
def test_keys_that_cannot_be_read_let_nothing_pass(
    machine: Machine, deployment: Deployment, key: str
) -> None:
    knows(machine, key)
    offer(deployment)
    assert refused(machine, deployment, "DEP-027").endswith("image-keys can be read")


@under_one_shell
@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("echo 'OpenSSL 1.1.1k  FIPS 25 Mar 2021'", "OpenSSL 1.1.1k FIPS 25 Mar 2021"),
        ("echo 'LibreSSL 3.8.2'", "LibreSSL 3.8.2"),
        ("echo 'openssl: not found' >&2; exit 127", "openssl: not found"),
    ],
)
def test_an_openssl_that_cannot_verify_lets_nothing_pass(
    machine: Machine, deployment: Deployment, program: str, says: str
) -> None:
    (machine.bin / "openssl").write_text(f"#!/bin/sh\n{program}\n")
    (machine.bin / "openssl").chmod(0o755)
    knows(machine, KEY)
    offer(deployment)
    words = f"signatures cannot be verified here: `openssl version` says {says}"
    assert refused(machine, deployment, "DEP-027") == words


@pytest.mark.issue("DEP-025")
@under_two_shells
@pytest.mark.parametrize(
    "image",
    [
        f"debian-11 {VERSION}",
        f"debian-1 {VERSION}",
        f"debian-123 {VERSION}",
        f"debian.12 {VERSION}",
        f"ebian-12 {VERSION}",
        f"{NAME} 2026-11-24.2",
        f"{NAME} 2026-11-24.10",
        f"{NAME} 2026-11-24",
        f"{NAME} 2026-11-24+1",
        f"{VERSION} {NAME}",
    ],
)
def test_a_manifest_of_another_image_or_version_does_not_pass(
    machine: Machine, deployment: Deployment, image: str
) -> None:
    knows(machine, KEY)
    offer(deployment, image=image)
    label = image.replace(" ", "/")
    words = f"the manifest is signed, and is not of {label} but of {NAME}/{VERSION}"
    assert refused(machine, deployment, "DEP-025") == words


@pytest.mark.issue("DEP-026")
@under_two_shells
@pytest.mark.parametrize("kind", ["kernel", "initramfs", "root"])
@pytest.mark.parametrize("what", ["sha256", "size", "longer size", "missing", "elsewhere"])
def test_a_file_that_is_not_in_the_manifest_does_not_pass(
    machine: Machine, deployment: Deployment, kind: str, what: str
) -> None:
    _, sha256, size = FILES[kind]
    left = {name: file for name, file in FILES.items() if name != kind}
    whole = {"name": "x", "sha256": sha256, "size": size}
    changed = {
        "sha256": GOOD.with_file(kind, sha256=sha256[:-1] + "7"),
        "size": GOOD.with_file(kind, size=size + 1),
        "longer size": GOOD.with_file(kind, size=size * 10),
        "missing": replace(GOOD, files=left),
        "elsewhere": replace(GOOD, files=left, more={"inputs": {kind: whole}, kind: whole}),
    }[what]
    knows(machine, KEY)
    offer(deployment, changed.text())
    words = f"{kind} is not the one in the signed manifest of {NAME}/{VERSION}"
    assert refused(machine, deployment, "DEP-026") == words


@under_two_shells
@pytest.mark.parametrize(
    "append",
    [
        APPEND,
        f"bearman.root={'1' * 64}:{ROOT_SIZE} {APPEND}",
        f"bearman.root={ROOT_SHA256}:{ROOT_SIZE}0 {APPEND}",
        f"{ROOT} bearman.root= {APPEND}",
        f"{ROOT} {APPEND} {ROOT}",
        f"x{ROOT} {APPEND}",
    ],
    ids=["none", "sha256", "size", "empty", "twice", "prefix"],
)
def test_the_root_on_the_kernel_command_line_is_the_one_in_the_manifest(
    machine: Machine, deployment: Deployment, append: str
) -> None:
    knows(machine, KEY)
    offer(deployment, append=f"append {append}")
    words = "the root on the kernel command line is not the one in the signed manifest of "
    assert refused(machine, deployment, "DEP-026").startswith(words)


def test_an_image_without_a_root_passes_without_one_on_the_command_line(
    machine: Machine, deployment: Deployment
) -> None:
    knows(machine, KEY)
    files = {kind: file for kind, file in FILES.items() if kind != "root"}
    offer(deployment, replace(GOOD, files=files).text(), root=None, append=f"append {APPEND}")
    assert machine.run("kexec.sh").code == 0
    assert deployment.jumped


def test_a_root_on_the_command_line_only_does_not_pass(
    machine: Machine, deployment: Deployment
) -> None:
    knows(machine, KEY)
    offer(deployment, root=None)
    refused(machine, deployment, "DEP-026")


@pytest.mark.parametrize(
    "text",
    [
        replace(GOOD, format=2).text(),
        TEXT.replace(b"\n", b"\r\n"),
        TEXT.replace(b'"kind"', b'"ki\0nd"'),
        TEXT.replace(b"  ", b"\t"),
        b"".join(TEXT.split()),
        TEXT.replace(b'  "files": {', b'  "files": {\n  },\n  "files": {'),
    ],
    ids=["format", "CR", "NUL", "tabs", "one line", "files twice"],
)
def test_a_signed_manifest_of_another_form_does_not_pass(
    machine: Machine, deployment: Deployment, text: bytes
) -> None:
    knows(machine, KEY)
    offer(deployment, text)
    assert "is not in the form" in refused(machine, deployment, "DEP-026")


def test_a_manifest_of_a_gigabyte_is_not_fetched(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    knows(machine, KEY)
    offer(deployment, manifest=f"manifest {'0' * 64} 1000000000 {web.url}{FILE}")
    assert "no usable manifest" in refused(machine, deployment, "BOOT-006")
    assert deployment.fetched == []


@pytest.mark.parametrize("length", [-1, None], ids=["announced", "unannounced"])
def test_a_manifest_that_is_longer_than_it_should_be_is_cut_off(
    machine: Machine, deployment: Deployment, web: Web, length: int | None
) -> None:
    knows(machine, KEY)
    offer(deployment)
    web.answers[FILE] = Answer(TEXT + b"x" * 2_000_000, length=length)
    assert f"not {len(TEXT)}" in refused(machine, deployment, "DEP-002")
    sizes = [path.stat().st_size for path in machine.root.rglob("*") if path.is_file()]
    assert max(sizes) < 500_000


def test_a_manifest_that_is_not_there_is_a_file_that_cannot_be_fetched(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    knows(machine, KEY)
    offer(deployment)
    del web.answers[FILE]
    ended = machine.run("kexec.sh")
    assert ended.code == 6
    assert machine.reports("failed")[0]["issue"] == "DEP-003"


def test_after_a_refusal_it_goes_on_once_the_image_is_right(
    machine: Machine, deployment: Deployment
) -> None:
    knows(machine, KEY)
    offer(deployment, signed=signature(TEXT, OTHER_KEY))
    refused(machine, deployment, "DEP-024")
    ended = machine.run("kexec.sh", "--from", "fetch")
    assert (ended.code, deployment.jumped) == (2, False)
    assert "step fetch" not in ended.console
    offer(deployment)
    assert machine.run("kexec.sh", "--from", "plan").code == 0
    assert deployment.jumped
