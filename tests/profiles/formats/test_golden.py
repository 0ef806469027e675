"""Each format for each kind of network, compared as whole files and read by the real checker.

After a change that is meant: `GOLDEN=write pytest -n 0 tests/profiles/formats/test_golden.py`.
"""

import os
from pathlib import Path

import pytest

from profiles import checks, formats, template
from tests.profiles.formats.machines import MACHINES

GOLDEN = Path(__file__).parent / "golden"
CONFIGURED = [name for name in formats.FORMATS if name != "none"]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("config_format", CONFIGURED)
def test_the_usual_body_becomes_these_files_and_its_checker_is_content(
    config_format: str, machine: str
) -> None:
    body = formats.default_body(config_format)
    assert not template.check(body, formats.variables(config_format))
    files = formats.render(config_format, body, MACHINES[machine])
    folder = GOLDEN / machine / config_format
    if os.environ.get("GOLDEN") == "write":
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text)
    assert {path.name: path.read_text() for path in folder.iterdir()} == files
    assert checks.check(config_format, files).problems == []


def test_the_format_none_has_no_body_no_files_and_no_arguments() -> None:
    facts = MACHINES["one-nic"]
    assert formats.render("none", "", facts) == {}
    assert formats.default_body("none") == ""
    assert formats.kernel_arguments("none", facts, "") == []
    assert checks.check("none", {}).problems == []


def test_each_format_tells_the_kernel_where_its_configuration_is_and_nothing_secret() -> None:
    facts = MACHINES["one-nic"]
    arguments = {f: formats.kernel_arguments(f, facts, "http://b.example/x") for f in CONFIGURED}
    assert arguments == {
        "preseed": ["auto=true", "priority=critical"],
        "kickstart": ["inst.ks=file:/ks.cfg", "inst.noninteractive"],
        "autoinstall": [
            "autoinstall",
            "ds=nocloud-net;s=http://b.example/x/",
            "cloud-config-url=/dev/null",
        ],
        "cloud-init": [],
    }
    assert facts.token not in str(arguments)


def test_an_unknown_format_is_told() -> None:
    with pytest.raises(ValueError, match="'ignition' is not a format"):
        formats.render("ignition", "", MACHINES["one-nic"])
