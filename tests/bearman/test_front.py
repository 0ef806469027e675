"""nginx's own configuration in a real nginx: what files are sent as, and what its logs keep."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from simulator.demo.ports import free_tcp_ports
from tests.certificates import Authority
from tests.simulator.bmc.rig import wait_until

PROJECT = Path(__file__).resolve().parents[2]
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
TOKEN = "bmb_0123456789"

pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx (Debian: nginx-light)")


@dataclass
class Front:
    """A running nginx, and what is in its folder."""

    folder: Path
    http: int
    https: int

    def ask(self, path: str, method: str = "GET", **headers: str) -> requests.Response:
        """Ask over plain HTTP."""
        url = f"http://127.0.0.1:{self.http}{path}"
        return self._send(requests.Request(method, url, headers=headers))

    def ask_tls(self, path: str) -> requests.Response:
        """Ask over TLS, with the CA verified."""
        return self._send(requests.Request("GET", f"https://127.0.0.1:{self.https}{path}"))

    def logs(self) -> str:
        """What its containers' logs would have."""
        return "".join((self.folder / name).read_text() for name in ("stdout", "stderr"))

    def _send(self, request: requests.Request) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            session.verify = str(self.folder / "ca")
            prepared = session.prepare_request(request)
            return session.send(prepared, timeout=20, allow_redirects=False)


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    """nginx with docker-compose.yml's paths and names in a folder; nobody answers behind it."""
    ca = Authority()
    certificate, key = ca.server()
    for name, data in (("ca", ca.pem), ("tls_cert", certificate), ("tls_key", key)):
        (tmp_path / name).write_bytes(data)
    http, https, grpc, health, nobody = free_tcp_ports(5)
    text = (PROJECT / "deploy/nginx/nginx.conf").read_text()
    for before, after in (
        (" /tmp/", f" {tmp_path}/"),
        *((f"/{name}/", f"{tmp_path}/") for name in ("run/secrets", "srv", "dev")),
        ("listen 8080", f"listen 127.0.0.1:{http}"),
        ("listen 8443", f"listen 127.0.0.1:{https}"),
        ("listen 50051", f"listen 127.0.0.1:{grpc}"),
        ("listen 127.0.0.1:8081", f"listen 127.0.0.1:{health}"),
        ("web:8000", f"127.0.0.1:{nobody}"),
    ):
        assert before in text, before
        text = text.replace(before, after)
    (tmp_path / "nginx.conf").write_text(text)
    files = tmp_path / "files/images/a/1/0123"
    files.mkdir(parents=True)
    (files / "page.html").write_text("<script>alert(1)</script>")
    command = [str(NGINX), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    process = subprocess.Popen([*command, "-g", "daemon off; user root;"])
    running = Front(tmp_path, http, https)
    try:
        wait_until((tmp_path / "nginx.pid").exists, 20)
        yield running
    finally:
        process.terminate()
        process.wait()


def test_a_file_is_never_a_page_whatever_its_name(front: Front) -> None:
    path = "/files/images/a/1/0123/page.html"
    for answer in (front.ask(path), front.ask_tls(path)):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/octet-stream"
    assert front.ask_tls(path).headers["X-Content-Type-Options"] == "nosniff"


def test_a_download_is_resumed_and_nothing_is_written(front: Front) -> None:
    path = "/files/images/a/1/0123/page.html"
    rest = front.ask(path, Range="bytes=8-")
    assert (rest.status_code, rest.text) == (206, "alert(1)</script>")
    assert front.ask(path, "HEAD").status_code == 200
    assert front.ask(path, "PUT").status_code == 403


@pytest.mark.parametrize("kind", ["seed", "preseed", "kickstart", "autoinstall", "cloud-init"])
def test_no_log_has_a_boot_token_also_while_bearman_is_away(front: Front, kind: str) -> None:
    path = f"/{kind}/4c4c4544-0051-3510-8052-b4c04f4a4b31/{TOKEN}"
    assert front.ask(path).status_code == 502
    assert front.ask_tls(path).status_code == 502
    assert TOKEN not in front.logs()
    assert front.logs().count(f"/{kind}/4c4c4544-0051-3510-8052-b4c04f4a4b31/... 502") == 2


def test_firmware_gets_a_script_that_asks_again_while_bearman_is_away(front: Front) -> None:
    answer = front.ask("/ipxe/x?mac=1")
    assert answer.status_code == 200
    assert answer.text.startswith("#!ipxe\n")
    assert f"http://127.0.0.1:{front.http}/ipxe/x?mac=1 || reboot" in answer.text
