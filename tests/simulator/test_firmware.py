"""What a machine does between its power button and the kernel, against a real HTTP server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from simulator import firmware
from simulator.firmware import Firmware, NetworkBoot, NothingToBootError, PowerLostError
from simulator.hardware.identity import IdentityFactory
from tests.simulator.bmc.rig import wait_until

IDENTITY = IdentityFactory(3).make()
BOOT = "#!ipxe\nkernel http://b/vmlinuz bearman.token=t\nboot\n"


class Web:
    """Answers each path with the next of its answers; the last one stays."""

    def __init__(self, **answers: list[tuple[int, str]]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.url = ""

    def get(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        answers = self.answers["ipxe" if path.startswith("/ipxe/") else path.strip("/")]
        status, text = answers.pop(0) if len(answers) > 1 else answers[0]
        return status, text.encode()


@contextmanager
def serving(web: Web) -> Iterator[Web]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = web.get(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    web.url = f"http://127.0.0.1:{server.server_port}"
    yield web
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firmware, "RETRY_SECONDS", (0.01, 0.02))


def boot(web: Web) -> str:
    found = Firmware(IDENTITY, web.url, threading.Event()).boot_network()
    assert isinstance(found, NetworkBoot)
    return found.arguments


def test_it_asks_for_its_own_uuid_and_boots_what_it_gets() -> None:
    with serving(Web(ipxe=[(200, BOOT)])) as web:
        assert boot(web) == "bearman.token=t"
        assert web.asked == [f"/ipxe/{IDENTITY.uuid}"]


def test_a_server_that_is_away_or_broken_is_asked_again() -> None:
    with serving(Web(ipxe=[(503, ""), (500, "<html>"), (200, BOOT)])) as web:
        assert boot(web) == "bearman.token=t"


def test_it_follows_a_chain_and_starts_over_after_a_reboot() -> None:
    chain = "#!ipxe\nchain ${there}\n".replace("${there}", "/other")
    with serving(Web(ipxe=[(200, "#!ipxe\nreboot"), (200, BOOT)], other=[(200, BOOT)])) as web:
        assert boot(web) == "bearman.token=t"
        web.answers["ipxe"] = [(200, chain.replace("/other", f"{web.url}/other"))]
        assert boot(web) == "bearman.token=t"
        assert web.asked[-1] == "/other"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((404, "no"), "answered 404"),
        ((200, "<html>hello</html>"), "does not begin with #!ipxe"),
        ((200, "#!ipxe\necho it is retired\nexit"), "it is retired"),
    ],
)
def test_without_a_kernel_it_stays_lit_and_says_why(answer: tuple[int, str], words: str) -> None:
    with serving(Web(ipxe=[answer])) as web, pytest.raises(NothingToBootError, match=words):
        boot(web)


def test_a_power_cut_ends_the_waiting_for_a_server() -> None:
    cut = threading.Event()
    ended = threading.Event()

    def wait_for_ever() -> None:
        with pytest.raises(PowerLostError):
            Firmware(IDENTITY, "http://127.0.0.1:9", cut).boot_network()
        ended.set()

    threading.Thread(target=wait_for_ever, daemon=True).start()
    assert not ended.wait(0.1)
    cut.set()
    wait_until(ended.is_set)
