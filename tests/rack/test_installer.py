"""A classic installer boots with the answers that Bearman rendered, and has read them."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from image_builder import keys, store
from image_builder.manifest import Manifest
from simulator.operator_view import OperatorView, state_name
from tests.rack import images
from tests.rack.flows import Flows
from tests.rack.rack import Rack
from tests.rack.watch import Times

pytestmark = [pytest.mark.rack, pytest.mark.timeout(1800), pytest.mark.xdist_group("rack")]
# Debian's package debian-installer-12-netboot-amd64.
NETBOOT = Path("/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64")
NAME, VERSION = "debian-installer", "12"
READ = "the answers are for"
BODY = f"""\
{{{{ network }}}}
d-i preseed/early_command string \\
  echo "{READ} $(debconf-get netcfg/get_hostname)" >/dev/console
"""


@pytest.fixture(scope="module")
def profile(rack: Rack) -> str:
    """A profile that boots the installer, signed with the key of the other images."""
    folder = images.keys()
    if not NETBOOT.is_dir():
        pytest.skip("debian-installer-12-netboot-amd64 is not installed")
    if not (folder / keys.PRIVATE).exists():
        pytest.skip(f"{folder} has no key to sign the installer with")
    target = rack.folder / "images" / NAME / VERSION
    with store.part(target) as part:
        shutil.copy(NETBOOT / "linux", part / "vmlinuz")
        shutil.copy(NETBOOT / "initrd.gz", part / "initrd.img")
        manifest = Manifest(
            name=NAME,
            version=VERSION,
            kind="other",
            built_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            append="console=ttyS0",
            files=store.describe(part),
        )
        store.finish(part, target, manifest, keys.load(folder))
    rack.server.command("image_add", str(target))
    body = rack.folder / "preseed.cfg"
    body.write_text(BODY)
    words = ("--image", NAME, "--no-root", "--format", "preseed", "--body", str(body))
    rack.server.command("profile_create", "installer", *words)
    return "installer"


def test_debian_s_installer_has_read_its_answers(
    rack: Rack, operator: OperatorView, profile: str
) -> None:
    flows = Flows(rack, rack.add(), operator)
    flows.register()
    times, before = Times("Deploy to an installer that has read its answers"), flows.said()
    flows.deploy("rack-classic", profile)
    flows.wait_jump()
    times.mark("installer fetched and verified")
    flows.wait_said(f"{READ} rack-classic", before)
    times.mark("answers read")
    print(f"\n{times}")
    row = flows.row
    assert row is not None
    assert (state_name(row), row.step) == ("DEPLOYING", "stage_two")
