"""`bearman-cli register`: what is sent, what a shell gets, what is refused."""

import json
import os
import stat
import subprocess
from pathlib import Path

import grpc
import pytest

from bearman_cli.answer import FIELDS
from bearman_cli.output_dir import LAST, WORDS
from protos.bearman.v1 import nodes_pb2
from tests.bearman_cli.conftest import ROOT, TOKEN, UUID, Outcome, Program
from tests.bearman_cli.peer import Refusal, Script
from tests.bearman_cli.samples import PASSWORD, quarantined, registered

ANSWER = {
    "node_id": "17",
    "bmc_address": "10.1.2.3",
    "bmc_netmask": "255.255.252.0",
    "bmc_prefix_length": 22,
    "bmc_gateway": "10.1.0.1",
    "bmc_vlan_id": 12,
    "bmc_channel": 1,
    "bmc_user_slot": 4,
    "bmc_username": "bearman",
    "bmc_password": PASSWORD,
    "reason": None,
    "advice": None,
    "issue": None,
    "status": "REGISTERING",
}


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """A folder as register.sh fills it."""
    folder = tmp_path / "inventory"
    (folder / "ethtool").mkdir(parents=True)
    (folder / "dmidecode").write_bytes(b"Handle 0x0001\n\tSerial: \xff\xfe\n")
    (folder / "lsblk").write_text('{"blockdevices": []}')
    (folder / "ip-link").write_text("[]")
    (folder / "ethtool" / "eno2").write_text("driver: tg3\n")
    (folder / "ethtool" / "eno1").write_text("driver: ixgbe\n")
    (folder / "ethtool" / ".part").write_text("unfinished")
    return folder


def register(
    program: Program, outputs: Path, *arguments: str, stdin: bytes | None = None
) -> Outcome:
    """Run the verb on the folder; later options win over earlier ones."""
    return program.run(
        "register",
        *("--dmidecode", str(outputs / "dmidecode")),
        *("--lsblk", str(outputs / "lsblk")),
        *("--ip-link", str(outputs / "ip-link")),
        *("--ethtool", str(outputs / "ethtool")),
        *arguments,
        stdin=stdin,
    )


def files(folder: Path) -> dict[str, str]:
    """Each file of a folder with its text."""
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_the_raw_outputs_arrive_byte_for_byte(
    program: Program, script: Script, outputs: Path
) -> None:
    script.on("Register", registered())
    done = register(program, outputs, "--address", "10.9.8.7")
    assert done.code == 0, done.err
    (request,) = script.requests
    assert request.uuid == UUID
    assert request.address == "10.9.8.7"
    assert request.inventory.dmidecode == b"Handle 0x0001\n\tSerial: \xff\xfe\n"
    assert request.inventory.lsblk == b'{"blockdevices": []}'
    assert [(item.interface, item.output) for item in request.inventory.ethtool] == [
        ("eno1", b"driver: ixgbe\n"),
        ("eno2", b"driver: tg3\n"),
    ]
    assert script.tokens == [f"Bearer {TOKEN}"]


def test_people_see_the_settings_but_never_the_password(
    program: Program, script: Script, outputs: Path, tmp_path: Path
) -> None:
    script.on("Register", registered())
    done = register(program, outputs, "--output-dir", str(tmp_path / "answer"))
    assert "10.1.2.3/22, gateway 10.1.0.1, VLAN 12, channel 1, user bearman in slot 4" in done.out
    assert PASSWORD not in done.out + done.err


def test_programs_get_every_value_as_json(program: Program, script: Script, outputs: Path) -> None:
    script.on("Register", registered())
    done = register(program, outputs, "--json")
    assert json.loads(done.out) == ANSWER


def test_a_shell_gets_a_file_for_each_value(
    program: Program, script: Script, outputs: Path, tmp_path: Path
) -> None:
    script.on("Register", registered())
    folder = tmp_path / "answer"
    assert register(program, outputs, "--output-dir", str(folder)).code == 0
    assert files(folder) == {
        name: "" if value is None else f"{value}\n" for name, value in ANSWER.items()
    }


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_a_posix_shell_can_use_the_files_without_eval(
    program: Program, script: Script, outputs: Path, tmp_path: Path, shell: str
) -> None:
    script.on("Register", registered())
    folder = tmp_path / "answer"
    register(program, outputs, "--output-dir", str(folder))
    text = 'set -eu; echo "ipaddr $(cat "$1/bmc_address") netmask $(cat "$1/bmc_netmask")"'
    done = subprocess.run([shell, "-c", text, shell, str(folder)], capture_output=True, check=True)
    assert done.stdout == b"ipaddr 10.1.2.3 netmask 255.255.252.0\n"


def test_only_the_owner_can_read_the_password(
    program: Program, script: Script, outputs: Path, tmp_path: Path
) -> None:
    script.on("Register", registered())
    folder = tmp_path / "answer"
    os.umask(os.umask(0o000))
    register(program, outputs, "--output-dir", str(folder))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes.pop("bmc_password") == 0o600
    assert set(modes.values()) == {0o644}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_older_answer_does_not_outlive_a_failed_call(
    program: Program, script: Script, outputs: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "answer"
    script.on("Register", registered(), Refusal(grpc.StatusCode.PERMISSION_DENIED, "Not yours."))
    assert register(program, outputs, "--output-dir", str(folder)).code == 0
    assert register(program, outputs, "--output-dir", str(folder)).code == 4
    assert files(folder) == {
        "reason": "Not yours.\n",
        "advice": "Check the token and its rights.\n",
        "issue": "",
    }


def test_a_refusal_leaves_the_servers_reason_advice_and_code(
    program: Program, script: Script, outputs: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "answer"
    refusal = Refusal(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "Pool ipmi-a has no free address. Widen it.",
        issue="ADDR-003",
        advice="Widen it.",
    )
    script.on("Register", refusal)
    done = register(program, outputs, "--output-dir", str(folder))
    assert (done.code, done.err) == (
        9,
        "bearman-cli: Pool ipmi-a has no free address. Widen it.\n",
    )
    assert files(folder) == {
        "reason": "Pool ipmi-a has no free address.\n",
        "advice": "Widen it.\n",
        "issue": "ADDR-003\n",
    }


def test_a_code_that_could_be_anything_else_is_left_out(
    program: Program, script: Script, outputs: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "answer"
    refusal = Refusal(grpc.StatusCode.INTERNAL, "No.", issue="$(reboot)", advice="\x1b[2J")
    script.on("Register", refusal)
    register(program, outputs, "--output-dir", str(folder))
    assert files(folder) == {"reason": "No.\n", "advice": "\\x1b[2J\n", "issue": ""}


def test_a_quarantined_machine_gets_code_7_with_reason_and_advice(
    program: Program, script: Script, outputs: Path, tmp_path: Path
) -> None:
    script.on("Register", quarantined())
    folder = tmp_path / "answer"
    done = register(program, outputs, "--output-dir", str(folder))
    assert done.code == 7
    assert done.err == (
        "bearman-cli: Node 18 is quarantined: Node 3 has the same UUID but other serials. "
        "Compare the two in the Admin.\n"
    )
    assert (folder / "status").read_text() == "QUARANTINED\n"
    assert (folder / "reason").read_text() == "Node 3 has the same UUID but other serials.\n"
    assert (folder / "bmc_address").read_text() == ""


def test_no_address_left_is_code_9(program: Program, script: Script, outputs: Path) -> None:
    script.on("Register", Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "Pool az1-ipmi is full."))
    done = register(program, outputs)
    assert done.code == 9
    assert "Pool az1-ipmi is full." in done.err


@pytest.mark.parametrize("missing", ["dmidecode", "lsblk", "ip-link"])
def test_a_missing_file_is_named(
    program: Program, script: Script, outputs: Path, missing: str
) -> None:
    (outputs / missing).unlink()
    done = register(program, outputs)
    assert done.code == 2
    assert f"{outputs / missing} cannot be read: No such file or directory." in done.err
    assert script.requests == []


def test_a_missing_folder_of_ethtool_is_named(program: Program, outputs: Path) -> None:
    done = register(program, outputs, "--ethtool", str(outputs / "nowhere"))
    assert done.code == 2
    assert f"{outputs / 'nowhere'} cannot be read" in done.err


def test_a_dash_reads_standard_input(program: Program, script: Script, outputs: Path) -> None:
    script.on("Register", registered())
    assert register(program, outputs, "--dmidecode", "-", stdin=b"from a pipe\0").code == 0
    assert script.requests[0].inventory.dmidecode == b"from a pipe\0"


def test_two_dashes_are_one_too_many(program: Program, outputs: Path) -> None:
    assert register(program, outputs, "--dmidecode", "-", "--lsblk", "-", stdin=b"").code == 2


def test_exactly_two_mebibytes_are_sent(program: Program, script: Script, outputs: Path) -> None:
    script.on("Register", registered())
    rest = sum(path.stat().st_size for path in outputs.rglob("[a-z]*") if path.is_file())
    rest -= (outputs / "dmidecode").stat().st_size
    (outputs / "dmidecode").write_bytes(b"x" * (2 * 1024 * 1024 - rest))
    assert register(program, outputs).code == 0
    assert len(script.requests) == 1


def test_more_than_two_mebibytes_are_refused_before_sending(
    program: Program, script: Script, outputs: Path
) -> None:
    script.on("Register", registered())
    (outputs / "lsblk").write_bytes(b"x" * (2 * 1024 * 1024))
    done = register(program, outputs)
    assert done.code == 6
    assert "larger than 2 MiB; the most of it is from lsblk" in done.err
    assert script.requests == []


def test_an_endless_file_is_refused_too(program: Program, outputs: Path) -> None:
    assert register(program, outputs, "--dmidecode", "/dev/zero").code == 6


def test_a_file_of_ethtool_that_no_interface_can_have_is_named(
    program: Program, outputs: Path
) -> None:
    (outputs / "ethtool" / "a-name-of-16-chr").write_text("")
    done = register(program, outputs)
    assert done.code == 2
    assert "a-name-of-16-chr" in done.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("address", "10.1.2.3; reboot"),
        ("address", "2001:db8::1"),
        ("address", ""),
        ("netmask", "255.255.255.0"),
        ("netmask", "0.0.3.255"),
        ("prefix_length", 33),
        ("gateway", "$(reboot)"),
        ("vlan_id", 4095),
        ("channel", 0),
        ("user_slot", 1),
        ("username", "-bear"),
        ("username", "bear man"),
        ("username", "a" * 17),
        ("password", "`reboot`"),
        ("password", "-abc"),
        ("password", "line\nline"),
        ("password", ""),
    ],
)
def test_a_value_that_a_shell_must_not_see_is_refused(
    program: Program, script: Script, outputs: Path, tmp_path: Path, name: str, value: str | int
) -> None:
    answer = registered()
    setattr(answer.bmc, name, value)
    script.on("Register", answer)
    folder = tmp_path / "answer"
    done = register(program, outputs, "--output-dir", str(folder))
    assert done.code == 1
    assert f"bmc_{'netmask' if name == 'netmask' else name} is" in done.err
    assert set(files(folder)) == set(WORDS)
    assert files(folder)["issue"] == "BOOT-006\n"


@pytest.mark.parametrize("status", ["READY", "UNSPECIFIED", "RETIRED"])
def test_a_status_that_register_cannot_have_is_refused(
    program: Program, script: Script, outputs: Path, status: str
) -> None:
    answer = registered()
    answer.status = nodes_pb2.NodeStatus.Value(f"NODE_STATUS_{status}")
    script.on("Register", answer)
    assert register(program, outputs).code == 1


def test_a_folder_that_cannot_be_written_is_named_before_the_call(
    program: Program, script: Script, outputs: Path
) -> None:
    done = register(program, outputs, "--output-dir", str(outputs / "lsblk" / "below"))
    assert done.code == 2
    assert str(outputs / "lsblk") in done.err
    assert script.requests == []


@pytest.mark.parametrize("address", ["10.9.8", "node1", "10.9.8.7/24"])
def test_an_address_that_is_none_is_refused(
    program: Program, script: Script, outputs: Path, address: str
) -> None:
    assert register(program, outputs, "--address", address).code == 2
    assert script.requests == []


def test_a_link_local_address_goes_without_its_scope(
    program: Program, script: Script, outputs: Path
) -> None:
    script.on("Register", registered())
    register(program, outputs, "--address", "fe80::1%eno1")
    assert script.requests[0].address == "fe80::1"


@pytest.mark.parametrize("uuid", ["", "not a uuid", "$(reboot)"])
def test_a_uuid_that_cannot_be_one_is_refused(program: Program, outputs: Path, uuid: str) -> None:
    done = register(program, outputs, "--uuid", uuid)
    assert done.code == 2
    assert "UUID" in done.err


def test_the_docs_name_every_file_of_the_answer() -> None:
    text = (ROOT / "docs" / "cli.md").read_text()
    assert {name for name in (*FIELDS, *WORDS, LAST) if f"`{name}`" in text} == set(ANSWER)
