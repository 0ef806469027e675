"""The configurations in docs/dhcp.md are those that the virtual rack boots with, and are valid."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.rack.services import dhcp_boot

PAGE = Path(__file__).parents[2] / "docs" / "dhcp.md"
SCRIPT = "http://10.1.0.2:8000/ipxe/${uuid}?mac=${netX/mac}"
LOADER = "http://10.1.0.3/ipxe.efi"
CHECKS = {
    "dnsmasq": ("dnsmasq", "--test", "-C"),
    "kea": ("kea-dhcp4", "-t"),
    "dhcpd": ("dhcpd", "-t", "-cf"),
}


def blocks(kind: str) -> list[str]:
    """Return the configurations of one server."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_rack_and_the_page_tell_dnsmasq_the_same() -> None:
    on_the_page = blocks("dnsmasq")[0].splitlines()
    assert set(dhcp_boot(SCRIPT, LOADER)) <= {f"--{line}" for line in on_the_page}


def test_every_server_of_the_page_names_the_script_the_same_way() -> None:
    for kind in CHECKS:
        assert blocks(kind)
        assert all(SCRIPT in block for block in blocks(kind))


@pytest.mark.parametrize("kind", list(CHECKS))
def test_the_server_itself_takes_its_configuration(kind: str, tmp_path: Path) -> None:
    program, *options = CHECKS[kind]
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    file = tmp_path / "configuration"
    for block in blocks(kind):
        file.write_text(block.replace("/srv/tftp", str(tmp_path)).replace("eth0", "lo"))
        done = subprocess.run(
            [program, *options, str(file)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
