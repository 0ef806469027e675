"""The shell commands in the configurations, run for real: they write files and call Bearman."""

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import yaml

from profiles import formats
from profiles.facts import Facts, example
from tests.profiles.formats.machines import BOND_VLAN, DUAL_STACK, MACHINES

SHELLS = [s for s in ("dash", "bash --posix", "busybox sh") if shutil.which(s.split()[0])]
LOG = "the last line of the log"


@dataclass
class Bearman:
    """What was posted to a stand-in on the loopback interface."""

    url: str = ""
    status: int = 200
    calls: list[tuple[str, str, dict[str, list[str]]]] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Bearman]:
    """Answer posts on a free port."""
    seen = Bearman()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            who = f"{self.headers['Authorization']} {self.headers['X-Bearman-Nonce']}"
            seen.calls.append((self.path, who, parse_qs(body)))
            self.send_response(seen.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def bearman() -> Iterator[Bearman]:
    with listening() as seen:
        yield seen


def run(shell: str, script: str, root: Path) -> subprocess.CompletedProcess[str]:
    """Run a script with a folder in the place of /sys, /target and /var/log."""
    for place in ("/sys/class/net", "/target", "/var/log", "/tmp/anaconda.log"):
        script = script.replace(f"{place}", f"{root}{place}")
    path = f"{root}/bin:/usr/bin:/bin"
    return subprocess.run(
        [*shell.split(), "-c", script],
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make an installer's system, whose interfaces have other names than in stage one."""
    macs = {"enp1s0": "52:54:00:12:34:01", "enp2s0": "52:54:00:12:34:02"}
    for name, mac in {**macs, "vlan7": "52:54:00:12:34:01"}.items():
        nic = tmp_path / "sys/class/net" / name
        nic.mkdir(parents=True)
        (nic / "address").write_text(f"{mac}\n")
        if name in macs:
            (nic / "device").mkdir()
    for folder in ("target/etc/network", "target/root", "var/log/installer", "tmp", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    for log in (
        "var/log/syslog",
        "var/log/installer/subiquity-server-debug.log",
        "tmp/anaconda.log",
    ):
        (tmp_path / log).write_text(f"early\n{LOG}\n")
    programs = {"in-target": 'exec "$@"', "apt-install": f'echo "$@" >> {tmp_path}/packages'}
    for name, text in programs.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def late_command(facts: Facts, more: str = "") -> str:
    """Return the command as the installer reads it: lines joined, blanks around the joints gone."""
    body = formats.default_body("preseed").replace(
        "  {{ ssh_keys }}\n", f"  {{{{ ssh_keys }}}} {more}\n"
    )
    text = formats.render("preseed", body, facts)["preseed.cfg"]
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    (line,) = re.findall(r"^d-i preseed/late_command string (.*)$", joined, re.MULTILINE)
    return str(line)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_late_command_of_debian_writes_the_network_and_the_keys_and_calls_back(
    shell: str, bearman: Bearman, root: Path
) -> None:
    facts = replace(BOND_VLAN, url=bearman.url)
    done = run(shell, late_command(facts), root)
    assert (done.returncode, done.stderr) == (0, "")
    assert (root / "target/etc/network/interfaces").read_text() == (
        "auto lo\niface lo inet loopback\n"
        "auto enp1s0\niface enp1s0 inet manual\n"
        "auto enp2s0\niface enp2s0 inet manual\n"
        "auto bond0\niface bond0 inet manual\n"
        "  bond-slaves enp1s0 enp2s0\n  bond-mode 802.3ad\n  bond-miimon 100\n"
        "auto vlan120\niface vlan120 inet static\n"
        "  address 192.0.2.10/24\n  gateway 192.0.2.1\n  vlan-raw-device bond0\n"
    )
    assert (root / "target/root/.ssh/authorized_keys").read_text() == f"{facts.ssh_keys[0]}\n"
    assert (root / "target/etc/resolv.conf").read_text() == (
        "search example.org\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n"
    )
    assert (root / "packages").read_text() == "curl\nifenslave vlan\n"
    who = f"Bearer {facts.token} {facts.nonce}"
    assert bearman.calls == [(f"/installed/{facts.uuid}", who, {})]


def test_a_dual_stack_has_two_stanzas_on_one_device(bearman: Bearman, root: Path) -> None:
    done = run("dash", late_command(replace(DUAL_STACK, url=bearman.url)), root)
    assert done.returncode == 0
    assert (
        (root / "target/etc/network/interfaces")
        .read_text()
        .endswith(
            "auto enp1s0\n"
            "iface enp1s0 inet static\n  address 192.0.2.10/24\n  gateway 192.0.2.1\n"
            "iface enp1s0 inet6 static\n  address 2001:db8::10/64\n  gateway 2001:db8::1\n"
        )
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_a_late_command_that_fails_reports_its_code_and_the_end_of_the_log(
    shell: str, bearman: Bearman, root: Path
) -> None:
    facts = replace(example(), url=bearman.url)
    assert run(shell, late_command(facts, "false; (exit 42)"), root).returncode == 1
    (call,) = bearman.calls
    assert call[0] == f"/report/{facts.uuid}"
    assert call[2] == {
        "step": ["configure"],
        "outcome": ["failed"],
        "message": ["The late command of the installer ended with exit code 1."],
        "log_tail": [f"early\n{LOG}"],
    }


def test_a_late_command_on_a_machine_with_other_interfaces_reports_a_failure(
    bearman: Bearman, root: Path
) -> None:
    (root / "sys/class/net/enp2s0/address").write_text("52:54:00:ff:ff:ff\n")
    assert run("dash", late_command(replace(BOND_VLAN, url=bearman.url)), root).returncode == 1
    assert [path for path, _, _ in bearman.calls] == [f"/report/{BOND_VLAN.uuid}"]


@pytest.mark.parametrize("machine", MACHINES)
def test_kickstart_and_autoinstall_say_installed_or_why_not(
    machine: str, bearman: Bearman, root: Path
) -> None:
    facts = replace(MACHINES[machine], url=bearman.url)
    text = formats.render("kickstart", formats.default_body("kickstart"), facts)["ks.cfg"]
    sections = dict(re.findall(r"^%(\w+)[^\n]*\n(.*?)\n%end$", text, re.MULTILINE | re.DOTALL))
    files = formats.render("autoinstall", formats.default_body("autoinstall"), facts)
    inside = yaml.safe_load(files["user-data"])["autoinstall"]
    for script in (sections["post"], *inside["late-commands"]):
        assert run("bash", script, root).returncode == 0
    for script in (sections["onerror"], *inside["error-commands"]):
        assert run("bash", script, root).returncode == 0
    installed, failed = f"/installed/{facts.uuid}", f"/report/{facts.uuid}"
    assert [path for path, _, _ in bearman.calls] == [installed, installed, failed, failed]
    assert bearman.calls[2][2]["log_tail"] == [f"early\n{LOG}"]


def test_a_refusal_by_bearman_fails_the_command(bearman: Bearman, root: Path) -> None:
    bearman.status = 409
    body = "runcmd:\n- {{ callback }}"
    text = formats.render("cloud-init", body, replace(example(), url=bearman.url))["user-data"]
    (command,) = yaml.safe_load(text)["runcmd"]
    assert run("dash", command, root).returncode != 0
    assert len(bearman.calls) == 1
