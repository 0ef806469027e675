"""What a machine is told of an image with a manifest: who signed it, and what its root must be."""

import hashlib
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytest_django import Settings

from baremetal.services.deploy import baremetal_deploy
from profiles.models import Image, Profile
from profiles.services import image_add_folder, image_promote
from simulator.bmc.fleet import BmcFleet
from tests.baremetal import rig
from tests.baremetal.rig import Machine, ready, work
from tests.profiles.builds import build, trust


@pytest.fixture
def signed(room: Profile, settings: Settings, tmp_path: Path) -> Image:
    """An image that a key signed which Bearman trusts."""
    key = Ed25519PrivateKey.generate()
    settings.IMAGE_KEYS = trust(tmp_path / "keys", key)
    folder = build("ubuntu-24.04", key=key, append="boot=live console=tty0").write(tmp_path / "a")
    return image_add_folder(folder=folder)[0]


def deployed(fleet: BmcFleet, **values: object) -> Machine:
    """A machine on its way into the system of a new profile."""
    profile = rig.profile("signed", image_name="ubuntu-24.04", append="console=ttyS0", **values)
    machine = ready(fleet, 1)
    baremetal_deploy(node=machine.node, profile=profile, actor="olga", hostname="web-1")
    work()
    return machine


def test_the_plan_names_manifest_signature_image_and_root(
    fleet: BmcFleet, room: Profile, signed: Image
) -> None:
    machine = deployed(fleet)
    machine.ipxe()
    plan = machine.plan()
    assert plan["image"] == "ubuntu-24.04 1"
    assert plan["signature"] == signed.signature
    sha256, size, url = plan["manifest"].split()
    assert signed.manifest
    assert (sha256, int(size)) == (signed.manifest.sha256, signed.manifest.size)
    assert url.endswith("/manifest.json")
    assert signed.root
    root = f"bearman.root={signed.root.sha256}:{signed.root.size}"
    assert plan["append"].startswith("boot=live console=ttyS0 fetch=http")  # the profile's counts
    assert root in plan["append"].split()


def test_a_cold_boot_names_the_root_as_a_kexec_does(
    fleet: BmcFleet, room: Profile, signed: Image
) -> None:
    machine = deployed(fleet)
    machine.ipxe()
    plan = machine.plan()
    machine.take_seed()
    machine.get("profile")
    machine.post("installed")
    script = machine.ipxe()
    found = re.search(r"bearman\.root=\S+", script)
    assert found
    assert found[0] in plan["append"]


def test_a_system_without_a_squashfs_has_no_root_to_compare(
    fleet: BmcFleet, room: Profile, signed: Image
) -> None:
    machine = deployed(fleet, boots_root=False)
    machine.ipxe()
    plan = machine.plan()
    assert "root" not in plan
    assert "bearman.root" not in plan["append"]


def test_a_machine_keeps_what_it_was_deployed_with(
    fleet: BmcFleet, room: Profile, signed: Image, tmp_path: Path, settings: Settings
) -> None:
    machine = deployed(fleet)
    settings.IMAGE_SIGNATURES = "optional"
    folder = build("ubuntu-24.04", "2").write(tmp_path / "b")
    image_promote(image=image_add_folder(folder=folder)[0])
    machine.ipxe()
    plan = machine.plan()
    assert plan["image"] == "ubuntu-24.04 1"
    assert signed.root
    assert plan["root"].startswith(signed.root.sha256)


def test_addresses_with_a_signature_are_given_as_they_are(
    fleet: BmcFleet, room: Profile, signed: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "?X-Amz-Credential=a%2Fb&X-Amz-Signature=" + hashlib.sha256(b"").hexdigest()
    signed_url = staticmethod(lambda path: f"https://s3.example/{path}{query}")
    monkeypatch.setattr("bearman.storage.folder.Folder.url", signed_url)
    machine = deployed(fleet)
    assert f"filesystem.squashfs{query} bearman.root=" in machine.ipxe()
    plan = machine.plan()
    assert plan["kernel"].endswith(f"/vmlinuz{query}")
    assert f"/filesystem.squashfs{query} " in plan["append"]
