"""Certificates of an authority of the site's own, shown by real servers to real clients."""

import datetime
import socket
import ssl
import stat
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from bearman.lib.tls import Folder, rotation
from bearman.lib.tls.certificates import days_left, hosts_of

HOSTS = ["bearman.example", "127.0.0.1"]
ADDRESS = "127.0.0.1"


@pytest.fixture
def site(settings: Settings, tmp_path: Path) -> Path:
    """A site whose names are known, and the folder of its certificates."""
    settings.PUBLIC_URL = "https://bearman.example"
    settings.PUBLIC_GRPC = f"{ADDRESS}:50051"
    return tmp_path / "tls"


def create(folder: Path, *arguments: str) -> None:
    call_command("ca_create", "--folder", str(folder), *arguments)


def reaches(folder: Path, ca: Path) -> bool:
    """Whether gRPC's own TLS accepts the server of this folder, and OpenSSL too."""
    return _grpc_reaches(folder, ca) and _openssl_reaches(folder, ca)


def _grpc_reaches(folder: Path, ca: Path) -> bool:
    server = grpc.server(ThreadPoolExecutor(1))
    pair = ((folder / "server-key.pem").read_bytes(), (folder / "server.pem").read_bytes())
    port = server.add_secure_port(f"{ADDRESS}:0", grpc.ssl_server_credentials([pair]))
    server.start()
    credentials = grpc.ssl_channel_credentials(ca.read_bytes())
    try:
        with grpc.secure_channel(f"{ADDRESS}:{port}", credentials) as channel:
            grpc.channel_ready_future(channel).result(timeout=2)
    except grpc.FutureTimeoutError:
        return False
    finally:
        server.stop(None).wait()
    return True


def _openssl_reaches(folder: Path, ca: Path) -> bool:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(folder / "server.pem", folder / "server-key.pem")
    ours = ssl.create_default_context(cafile=ca)
    with socket.create_server((ADDRESS, 0)) as listener:
        threading.Thread(target=_serve_one, args=(listener, theirs), daemon=True).start()
        with socket.create_connection(listener.getsockname()) as plain:
            try:
                ours.wrap_socket(plain, server_hostname="bearman.example").close()
            except ssl.SSLError:
                return False
    return True


def _serve_one(listener: socket.socket, context: ssl.SSLContext) -> None:
    try:
        context.wrap_socket(listener.accept()[0], server_side=True).close()
    except OSError:
        return


def test_grpc_and_openssl_accept_what_the_authority_vouches_for_and_nothing_else(
    site: Path, tmp_path: Path
) -> None:
    create(site, "--only", "bearman.example")
    create(tmp_path / "other")
    assert reaches(site, site / "ca.pem")
    assert not _grpc_reaches(site, tmp_path / "other" / "ca.pem")
    assert not _openssl_reaches(site, tmp_path / "other" / "ca.pem")


def test_doing_it_twice_changes_nothing_and_keys_are_for_their_owner_alone(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create(site)
    before = {path.name: path.read_bytes() for path in site.iterdir()}
    assert set(before) == {"ca.pem", "ca-key.pem", "server.pem", "server-key.pem"}
    assert "What to do with them" in capsys.readouterr().out
    create(site)
    assert {path.name: path.read_bytes() for path in site.iterdir()} == before
    assert "What to do" not in capsys.readouterr().out
    for name in ("ca-key.pem", "server-key.pem"):
        assert stat.S_IMODE((site / name).stat().st_mode) == 0o600


def test_openssl_finds_the_chain_good_by_its_strict_rules(site: Path) -> None:
    create(site, "--only", "example")
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "ca.pem", "server.pem"]
    assert subprocess.run(command, cwd=site, check=True, capture_output=True)


def test_one_more_name_makes_a_new_certificate_of_the_same_authority(site: Path) -> None:
    create(site)
    ca = (site / "ca.pem").read_bytes()
    create(site, "--name", "grpc", "--address", "2001:DB8::1")
    found = Folder(site).server()
    assert found is not None
    assert hosts_of(found) == {"bearman.example", "127.0.0.1", "grpc", "2001:db8::1"}
    assert (site / "ca.pem").read_bytes() == ca


def test_a_certificate_that_runs_out_is_renewed_and_a_fresh_one_is_not(site: Path) -> None:
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    Folder(site, now=start).ensure(names=HOSTS)
    later = start + datetime.timedelta(days=330)
    assert Folder(site, now=later).ensure(names=HOSTS).server == ""
    last = later + datetime.timedelta(days=10)
    assert Folder(site, now=last).ensure(names=HOSTS).server == "it had 57 days left"
    found = Folder(site).server()
    assert found is not None
    assert days_left(found, last) == 397


def test_an_authority_is_replaced_without_a_moment_at_which_clients_are_refused(
    site: Path, tmp_path: Path
) -> None:
    folder, old = Folder(site), tmp_path / "old.pem"
    folder.ensure(names=HOSTS)
    old.write_bytes((site / "ca.pem").read_bytes())
    rotation.begin(folder)
    both = tmp_path / "both.pem"
    both.write_bytes((site / "ca.pem").read_bytes())
    assert reaches(site, old)
    assert reaches(site, both)
    rotation.switch(folder)
    assert reaches(site, both)
    assert not _grpc_reaches(site, old)
    rotation.finish(folder)
    assert reaches(site, site / "ca.pem")
    assert folder.ensure(names=HOSTS).server == ""
    assert sorted(path.name for path in site.iterdir()) == [
        *("ca-key.pem", "ca.pem", "server-key.pem", "server.pem")
    ]


@pytest.mark.parametrize("step", ["switch", "finish"])
def test_a_step_of_the_rotation_out_of_turn_says_which_comes_first(site: Path, step: str) -> None:
    create(site)
    if step == "finish":
        call_command("ca_rotate", "begin", "--folder", str(site))
    with pytest.raises(CommandError, match="First comes `ca_rotate"):
        call_command("ca_rotate", step, "--folder", str(site))


@pytest.mark.parametrize("name", ["https://bearman", "a b", "-x", "", "x" * 300])
def test_what_is_no_name_is_refused_in_words(site: Path, name: str) -> None:
    with pytest.raises(CommandError, match="neither a host name nor an address"):
        create(site, f"--name={name}")
    assert not site.exists()


def test_a_name_outside_of_the_domains_of_the_authority_is_refused(site: Path) -> None:
    create(site, "--only", "example")
    with pytest.raises(CommandError, match=r"vouch for example only, not for bearman\.test"):
        create(site, "--name", "bearman.test")


def test_an_authority_whose_key_is_gone_is_not_replaced_by_another(site: Path) -> None:
    create(site)
    (site / "ca-key.pem").unlink()
    create(site)
    with pytest.raises(CommandError, match="Bring it back from the backup"):
        create(site, "--name", "grpc")


def test_a_key_of_another_authority_is_noticed(site: Path, tmp_path: Path) -> None:
    create(site)
    create(tmp_path / "other")
    (tmp_path / "other" / "ca-key.pem").rename(site / "ca-key.pem")
    with pytest.raises(CommandError, match=r"is not the key of ca\.pem"):
        create(site, "--name", "grpc")
