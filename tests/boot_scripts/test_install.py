"""bearman-install: profile, detail, script, installed; and all that can go wrong between them."""

import pytest

from tests.boot_scripts.deployment import DETAIL, NONCE, SYSTEM_TOKEN, Deployment
from tests.boot_scripts.machine import UUID, Machine
from tests.boot_scripts.shells import under_two_shells
from tests.boot_scripts.test_secrets import files_with
from tests.boot_scripts.web import Answer, Web

DUMP = b'env >"$ROOT/environment"; cat "$BEARMAN_SSH_KEYS_FILE" >"$ROOT/keys"; umask; pwd\n'
ENVIRONMENT = {
    "BEARMAN_HOSTNAME": "web-1",
    "BEARMAN_DOMAIN": "example.org",
    "BEARMAN_ZONE": "z1",
    "BEARMAN_BAREMETAL_ID": "7",
    "BEARMAN_DISK": "/dev/disk/by-id/nvme-x+1",
    "BEARMAN_BOND_MODE": "802.3ad",
    "BEARMAN_ADDRESS": "192.0.2.10",
    "BEARMAN_PREFIX_LENGTH": "24",
    "BEARMAN_GATEWAY": "192.0.2.1",
    "BEARMAN_VLAN": "120",
    "BEARMAN_LINKS": "eno1 eno2",
    "BEARMAN_MACS": "52:54:00:12:34:01 52:54:00:12:34:02",
    "BEARMAN_DNS": "192.0.2.53 2001:db8::53",
}
LEAST = """hostname a
baremetal_id 7
address 2001:db8::10/64
vlan 0
link eth0 52:54:00:12:34:01
"""


def environment(machine: Machine) -> dict[str, str]:
    """What the script DUMP found."""
    lines = (machine.root / "environment").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_the_script_runs_with_the_facts_and_then_bearman_is_told(
    machine: Machine, deployment: Deployment
) -> None:
    deployment.boot(DUMP)
    ended = machine.run("bearman-install")
    assert ended.code == 0, ended.console
    found = environment(machine)
    assert {name: found.get(name) for name in ENVIRONMENT} == ENVIRONMENT
    keys = [line[8:] for line in DETAIL.splitlines() if line.startswith("ssh-key")]
    assert (machine.root / "keys").read_text().splitlines() == keys
    more = [line[13:] for line in DETAIL.splitlines() if line.startswith("more-address")]
    assert "\n".join(more) in (machine.root / "environment").read_text()
    detail = machine.run_folder / "install/detail.json"
    assert found["BEARMAN_DETAIL"] == str(detail)
    assert detail.read_text() == '{"hostname": "web-1"}'
    assert machine.log("configure").splitlines() == ["0022", str(machine.root)]
    assert deployment.installed == 1
    assert "bearman: Bearman says: INSTALLED\n" in ended.console


def test_the_calls_come_in_their_order_each_with_token_and_nonce(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    deployment.boot(b"true\n")
    machine.run("bearman-install")
    secret = f"Bearer {SYSTEM_TOKEN}"
    assert web.asked == [
        ("/healthz", ""),
        (f"/profile/{UUID}", secret),
        (f"/detail/{UUID}", secret),
        (f"/detail/{UUID}?format=lines", secret),
    ]
    assert web.nonces == [(path, NONCE if secret else "") for path, secret in web.asked]
    assert {post.nonce for post in web.posted} == {NONCE}
    assert web.posted[-1].path == f"/installed/{UUID}"
    assert web.posted[-1].form == {}


def test_no_secret_reaches_the_script_an_argument_a_log_or_the_console(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    machine.record_every_program()
    machine.environment["BEARMAN_TOKEN"] = "token-of-a-person"
    deployment.boot(DUMP)
    ended = machine.run("bearman-install")
    assert ended.code == 0
    for secret in (SYSTEM_TOKEN, NONCE):
        assert not [line for line in machine.argv if secret in line]
        assert secret not in ended.console
        assert files_with(secret, machine.root) == {"seed"}
    assert {"BEARMAN_TOKEN", "BEARMAN_NONCE"} & environment(machine).keys() == set()


def test_a_machine_with_the_least_of_facts_is_set_up(
    machine: Machine, deployment: Deployment
) -> None:
    deployment.boot(DUMP, LEAST)
    assert machine.run("bearman-install").code == 0
    found = environment(machine)
    assert (found["BEARMAN_ADDRESS"], found["BEARMAN_PREFIX_LENGTH"]) == ("2001:db8::10", "64")
    assert (found["BEARMAN_GATEWAY"], found["BEARMAN_DNS"], found["BEARMAN_DOMAIN"]) == ("", "", "")
    assert (machine.root / "keys").read_text() == ""


def test_a_profile_without_a_script_is_installed_at_once(
    machine: Machine, deployment: Deployment
) -> None:
    deployment.boot()
    assert machine.run("bearman-install").code == 0
    assert deployment.installed == 1


def test_a_second_start_in_the_same_boot_does_nothing(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    deployment.boot(b'echo run >>"$ROOT/runs"\n')
    machine.run("bearman-install")
    asked = len(web.asked)
    ended = machine.run("bearman-install")
    assert (ended.code, len(web.asked), deployment.installed) == (0, asked, 1)
    assert "bearman-install --again does it once more" in ended.console
    assert machine.run("bearman-install", "--again").code == 0
    assert (machine.root / "runs").read_text() == "run\nrun\n"


def test_the_next_boot_does_it_again(machine: Machine, deployment: Deployment) -> None:
    deployment.boot(b"true\n")
    machine.run("bearman-install")
    machine.restart()
    deployment.boot(b"true\n")
    assert machine.run("bearman-install").code == 0
    assert deployment.installed == 2


@pytest.mark.issue("DEP-010")
def test_a_script_that_fails_is_told_with_its_code_and_its_last_lines(
    machine: Machine, deployment: Deployment
) -> None:
    lines = "".join(f"echo line {number}\n" for number in range(100))
    deployment.boot(f"{lines}echo no such package >&2\nexit 42\n".encode())
    ended = machine.run("bearman-install")
    assert ended.code == 1
    assert deployment.failure() == ("configure", "the install script ended with code 42")
    tail = machine.reports("failed")[0]["log_tail"]
    assert "line 99\nno such package\n" in tail
    assert "line 1\n" not in tail
    assert "THIS MACHINE NEEDS A LOOK" in ended.console
    assert f"Log           {machine.run_folder}/log/configure.log\n" in ended.console
    assert "bearman-install --from configure\n" in ended.console
    assert deployment.installed == 0
    assert machine.reports("failed")[0]["issue"] == "DEP-010"


def test_after_a_failure_it_can_be_gone_on_with(machine: Machine, deployment: Deployment) -> None:
    deployment.boot(b'test -e "$ROOT/mended"\n')
    assert machine.run("bearman-install").code == 1
    (machine.root / "mended").touch()
    assert machine.run("bearman-install", "--from", "configure").code == 0
    assert deployment.installed == 1


@pytest.mark.issue("DEP-011")
def test_a_script_that_hangs_is_stopped_and_told(machine: Machine, deployment: Deployment) -> None:
    machine.environment["BEARMAN_INSTALL_SECONDS"] = "1"
    deployment.boot(b"echo waiting for Godot; /bin/sleep 50\n")
    assert machine.run("bearman-install").code == 1
    words = "the install script did not end within 1 s and was stopped"
    assert deployment.failure() == ("configure", words)
    assert "waiting for Godot" in machine.reports("failed")[0]["log_tail"]
    assert machine.reports("failed")[0]["issue"] == "DEP-011"


def test_what_a_script_leaves_running_holds_nothing_up(
    machine: Machine, deployment: Deployment
) -> None:
    deployment.boot(b"/bin/sleep 3 &\n")
    assert machine.run("bearman-install").code == 0
    assert machine.run("bearman-install", "--again").code == 0, "it still had the lock"


def test_a_script_with_a_code_of_timeout_is_not_said_to_hang(
    machine: Machine, deployment: Deployment
) -> None:
    deployment.boot(b"exit 124\n")
    machine.run("bearman-install")
    assert deployment.failure()[1] == "the install script ended with code 124"


def test_installed_is_told_again_until_bearman_is_back(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    deployment.boot(b'echo run >>"$ROOT/runs"\n')
    path = f"/installed/{UUID}"
    web.answers[path] = Answer(b"restarting", status=503)
    left = [3]

    def mend(asked: str) -> None:
        left[0] -= asked == path
        if not left[0]:
            web.answers[path] = Answer(b"INSTALLED\n")

    web.on_request = mend
    ended = machine.run("bearman-install")
    assert (ended.code, deployment.installed) == (0, 1)
    assert "answered 503: restarting); next try in" in ended.console
    assert (machine.root / "runs").read_text() == "run\n"


@under_two_shells
@pytest.mark.parametrize(("status", "code"), [(401, 4), (403, 4), (404, 6), (409, 6)])
@pytest.mark.parametrize("call", ["profile", "detail", "installed"])
def test_a_refusal_is_final_and_told(
    machine: Machine, deployment: Deployment, web: Web, call: str, status: int, code: int
) -> None:
    deployment.boot(b"true\n")
    web.answers[f"/{call}/{UUID}"] = Answer(b"It booted another system.", status=status)
    assert machine.run("bearman-install").code == code
    step, message = deployment.failure()
    assert (step, message.partition(": ")[2]) == (call, "It booted another system.")


@under_two_shells
@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("hostname", "hostname -f"),
        ("hostname", "hostname a b"),
        ("hostname", "hostname a;reboot"),
        ("hostname", "hostname $(touch x)"),
        ("hostname", ""),
        ("domain", "domain example..org"),
        ("zone", "zone `touch x`"),
        ("baremetal_id", "baremetal_id"),
        ("disk", "disk /etc/passwd"),
        ("disk", "disk /dev/sda;x"),
        ("bond_mode", "bond_mode 802.3ad\nbond_mode active-backup"),
        ("address", "address 192.0.2.10"),
        ("address", "address 192.0.2.10/24/7"),
        ("address", "address host/24"),
        ("gateway", "gateway -"),
        ("vlan", "vlan 10000"),
        ("vlan", "vlan x"),
        ("link", "link eno1"),
        ("link", "link eno1 52:54:00:12:34"),
        ("link", "link ../eno1 52:54:00:12:34:01"),
        ("link", ""),
        ("dns", "dns resolver.example"),
        ("ssh-key", 'ssh-key command="touch x" AAAA'),
        ("ssh-key", "ssh-key ssh-rsa short"),
        ("more-address", "more-address 192.0.2.11/24"),
        ("more-address", "more-address 192.0.2.11/24 - 1;x"),
        ("zone", "zone \x1b[2J"),
        ("zone", "zone a\tb"),
    ],
)
def test_a_fact_that_is_none_never_reaches_the_script(
    machine: Machine, deployment: Deployment, key: str, line: str
) -> None:
    kept = [old for old in DETAIL.splitlines() if not old.startswith(f"{key} ")]
    deployment.boot(DUMP, "\n".join([*kept, line]).strip("\n") + "\n")
    assert machine.run("bearman-install").code == 1
    step, message = deployment.failure()
    assert step == "detail"
    assert message.startswith("Bearman's detail has no usable ")
    assert not (machine.root / "environment").exists()
    assert deployment.installed == 0


@under_two_shells
@pytest.mark.parametrize("key", ["url", "uuid", "token", "nonce"])
@pytest.mark.parametrize("bad", ["", '{key} "\\nurl=x', "{key} "])
def test_a_seed_that_is_malformed_is_named_and_never_used(
    machine: Machine, deployment: Deployment, web: Web, key: str, bad: str
) -> None:
    deployment.boot(DUMP)
    seed = machine.root / "run/bearman-seed/seed"
    lines = [line for line in seed.read_text().splitlines() if not line.startswith(key)]
    seed.write_text("\n".join([*lines, bad.format(key=key)]) + "\n")
    ended = machine.run("bearman-install")
    assert ended.code == 2
    assert (machine.run_folder / "reason").read_text().startswith(f"bearman.{key} i")
    assert web.asked == []
    assert web.posted == []


def test_without_a_seed_it_says_so(machine: Machine, web: Web) -> None:
    ended = machine.run("bearman-install")
    assert ended.code == 2
    assert "/run/bearman-seed/seed" in "".join(ended.console.split())
    assert web.asked == []


@pytest.mark.parametrize("arguments", [["--form"], ["--again", "x"], ["install"]])
def test_wrong_arguments_are_answered_with_the_usage(
    machine: Machine, arguments: list[str]
) -> None:
    ended = machine.run("bearman-install", *arguments)
    usage = "usage: bearman-install [--again | --from STEP]\n"
    assert (ended.code, ended.console) == (2, usage)
