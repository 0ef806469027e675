"""The boot scripts and a Bearman that speaks TLS: whom they trust, and what they say of others."""

import os
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot_scripts.deployment import PATHS, Deployment
from tests.boot_scripts.machine import TOKEN, UUID, Machine
from tests.boot_scripts.shells import under_one_shell
from tests.boot_scripts.web import Answer, Web
from tests.certificates import EXPIRED, FUTURE, Authority

CLOCK = re.compile(r"; the clock of this machine says \d{4}-\d\d-\d\d \d\d:\d\d UTC")


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
def web(authority: Authority, tmp_path: Path) -> Iterator[Web]:
    """A web server as in the other tests, with a good certificate."""
    server = Web({"/healthz": Answer(b"ok"), f"/report/{UUID}": Answer(b"READY\n")})
    server.tls = authority.context(tmp_path)
    server.start()
    yield server
    server.stop()


def serves_with(web: Web, context: ssl.SSLContext) -> None:
    """Start the server anew with another certificate."""
    web.stop()
    web.tls = context
    web.start()


def trusts(machine: Machine, pem: bytes) -> None:
    """Put the CA into the machine's image."""
    path = machine.root / "etc/bearman/ca.pem"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pem)


def test_a_machine_with_the_ca_registers_and_its_cli_trusts_it_too(
    machine: Machine, authority: Authority
) -> None:
    trusts(machine, authority.pem)
    ended = machine.run("register.sh")
    assert ended.code == 0, ended.console
    environment = (machine.state / "environment").read_text()
    assert f"BEARMAN_CA={machine.root}/etc/bearman/ca.pem\n" in environment
    assert "BEARMAN_TLS=" not in environment


def test_a_cli_that_does_without_tls_is_given_no_ca(machine: Machine, authority: Authority) -> None:
    trusts(machine, authority.pem)
    machine.environment |= {"BEARMAN_PLAINTEXT": "1", "BEARMAN_CA": "/somewhere/else.pem"}
    machine.environment["BEARMAN_CA"] = str(machine.root / "etc/bearman/ca.pem")
    assert machine.run("register.sh").code == 0
    environment = (machine.state / "environment").read_text()
    assert "BEARMAN_CA=" not in environment
    assert "BEARMAN_PLAINTEXT=1\n" in environment


def test_without_a_ca_in_the_image_those_of_the_system_count(
    machine: Machine, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "system.pem").write_bytes(authority.pem)
    machine.environment |= {"CURL_CA_BUNDLE": str(tmp_path / "system.pem")}
    assert machine.run("register.sh").code == 0
    assert "BEARMAN_TLS=1\n" in (machine.state / "environment").read_text()


def test_with_a_ca_in_the_image_those_of_the_system_do_not_count(
    machine: Machine, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "system.pem").write_bytes(authority.pem)
    machine.environment |= {"CURL_CA_BUNDLE": str(tmp_path / "system.pem"), "BEARMAN_PATIENCE": "0"}
    trusts(machine, Authority("Another CA").pem)
    assert machine.run("register.sh").code == 3


def test_files_are_fetched_over_tls_and_the_system_trusts_the_same_ca(
    machine: Machine, deployment: Deployment, authority: Authority
) -> None:
    trusts(machine, authority.pem)
    assert machine.run("kexec.sh").code == 0
    assert deployment.fetched == list(PATHS.values())
    deployment.boot(b"env\n")
    machine.environment["BEARMAN_CA"] = "/nowhere.pem"
    ended = machine.run("bearman-install")
    assert (ended.code, deployment.installed) == (0, 1), ended.console
    assert "BEARMAN_CA" not in machine.log("configure")


REFUSALS = {
    "expired": ("certificate has expired", "Give 127.0.0.1:PORT a new certificate."),
    "future": ("certificate is not yet valid", "Set this machine's clock"),
    "other CA": ("unable to get local issuer certificate", "Is it Bearman that answers?"),
    "name": ("no alternative certificate subject name", "a certificate for this name"),
}


@pytest.mark.issue("BOOT-012")
@under_one_shell
@pytest.mark.parametrize("kind", REFUSALS)
@pytest.mark.parametrize("script", ["register.sh", "autorun"])
def test_a_certificate_that_is_not_trusted_is_explained_on_the_screen(
    machine: Machine, web: Web, authority: Authority, tmp_path: Path, kind: str, script: str
) -> None:
    context = {
        "expired": lambda: authority.context(tmp_path, later=EXPIRED),
        "future": lambda: authority.context(tmp_path, later=FUTURE),
        "other CA": lambda: Authority("Another CA").context(tmp_path),
        "name": lambda: authority.context(tmp_path, "192.0.2.1"),
    }[kind]()
    serves_with(web, context)
    trusts(machine, authority.pem)
    machine.environment["BEARMAN_PATIENCE"] = "0"
    ended = machine.run(script)
    assert ended.code == 3
    reason = (machine.run_folder / "reason").read_text()
    words, advice = REFUSALS[kind]
    assert f"the certificate of 127.0.0.1:{web.port} is not trusted: " in reason
    assert words in reason
    assert CLOCK.search(reason)
    assert advice.replace("PORT", str(web.port)) in (machine.run_folder / "advice").read_text()
    assert "code BOOT-012" in ended.console
    assert web.asked == []


@pytest.mark.parametrize("pem", [b"", b"no certificate\n"])
def test_a_ca_file_without_a_certificate_lets_nothing_pass(machine: Machine, pem: bytes) -> None:
    trusts(machine, pem)
    machine.environment["BEARMAN_PATIENCE"] = "0"
    ended = machine.run("autorun")
    assert ended.code == 3
    assert "cannot be read as a file of certificates" in (machine.run_folder / "reason").read_text()
    assert "code BOOT-012" in ended.console


def test_a_clock_that_is_set_while_it_waits_is_enough(
    machine: Machine, web: Web, authority: Authority, tmp_path: Path
) -> None:
    good, bad = web.tls, authority.context(tmp_path, later=FUTURE)
    assert good is not None
    serves_with(web, bad)
    trusts(machine, authority.pem)
    (machine.bin / "sleep").unlink()
    mender = machine.bin / "sleep"
    mender.write_text(f"#!/bin/sh\n: >{machine.state}/slept\nexec /bin/sleep 1\n")
    mender.chmod(0o755)
    process = machine.start(Path(__file__).parents[2] / "boot_scripts/register.sh")
    while not (machine.state / "slept").exists():
        os.sched_yield()
    serves_with(web, good)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output.decode()
    assert b"waiting for Bearman (the certificate of" in output


def test_a_storage_with_a_certificate_of_another_ca_is_named(
    machine: Machine, deployment: Deployment, web: Web, authority: Authority, tmp_path: Path
) -> None:
    """Bearman is trusted and told; the storage behind it is not."""
    trusts(machine, authority.pem)
    storage = Web({}, tls=Authority("Another CA").context(tmp_path))
    storage.start()
    try:
        line = next(line for line in deployment.lines() if line.startswith("kernel "))
        deployment.plan(kernel=line.replace(web.url, storage.url))
        machine.environment["BEARMAN_PATIENCE"] = "0"
        assert machine.run("kexec.sh").code == 3
    finally:
        storage.stop()
    (report,) = machine.reports("failed")
    assert (report["step"], report["issue"]) == ("fetch", "BOOT-012")
    assert f"127.0.0.1:{storage.port}" in report["message"]
    assert TOKEN not in str(storage.asked)
