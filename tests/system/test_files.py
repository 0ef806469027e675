"""`bearman files`: the real process, asked as machines ask it."""

import http.client
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.demo.ports import free_tcp_ports
from simulator.demo.product import PROJECT, database_pid

IMAGE = bytes(range(256)) * 4096  # 1 MiB in which every position tells
MANY = 1500  # more than the usual limit of open files allows


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class FileServer:
    """A running `bearman files`."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes]"

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """One request; `If_Range` stands for the header `If-Range`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        response = connection.getresponse()
        lower = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, lower, response.read())
        connection.close()
        return answer

    def is_up(self) -> bool:
        """Whether it answers."""
        with suppress(OSError):
            return self.ask("/healthz").status == 200
        return False


def environment(data: Path, **settings: str) -> dict[str, str]:
    """Ours with nothing set for another Bearman."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BEARMAN_")}
    return plain | {"BEARMAN_DATA_DIR": str(data)} | settings


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileServer]:
    data = tmp_path_factory.mktemp("files")
    folder = data / "files"
    (folder / "images" / ".draft").mkdir(parents=True)
    (folder / "images" / "vmlinuz").write_bytes(IMAGE)
    (folder / "images" / ".draft" / "vmlinuz").write_bytes(b"secret")
    (folder / ".hidden").write_bytes(b"secret")
    (folder / "incoming").mkdir()
    (folder / "incoming" / "kernel").write_bytes(b"secret")
    (folder / "empty").touch()
    (folder / "page.html").write_text("<script>alert(1)</script>")
    (folder / "way out").symlink_to("/etc/passwd")
    (data / "secret-key-of-another").write_bytes(b"secret")
    (port,) = free_tcp_ports(1)
    settings = environment(data, BEARMAN_FILES_BIND=f"127.0.0.1:{port}")
    command = [sys.executable, "-m", "bearman", "files"]
    process = subprocess.Popen(command, cwd=PROJECT, env=settings, start_new_session=True)
    running = FileServer(port, folder, process)
    limit = time.monotonic() + 60
    while not running.is_up():
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.1)
    yield running
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def test_it_needs_no_database(server: FileServer) -> None:
    assert database_pid(server.folder.parent) is None


def test_a_file_comes_whole_with_its_length_and_its_tag(server: FileServer) -> None:
    answer = server.ask("/files/images/vmlinuz")
    assert (answer.status, answer.body) == (200, IMAGE)
    assert answer.headers["content-length"] == str(len(IMAGE))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"].startswith('"')
    assert "last-modified" in answer.headers


def test_head_tells_the_same_without_the_file(server: FileServer) -> None:
    whole, head = (server.ask("/files/images/vmlinuz", method) for method in ("GET", "HEAD"))
    assert head.body == b""
    for name in ("content-length", "etag", "last-modified", "accept-ranges"):
        assert head.headers[name] == whole.headers[name]


def test_a_file_is_never_a_page_whatever_its_name(server: FileServer) -> None:
    for headers in ({}, {"Range": "bytes=8-"}):
        answer = server.ask("/files/page.html", **headers)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_empty_file_is_no_error(server: FileServer) -> None:
    answer = server.ask("/files/empty")
    assert (answer.status, answer.headers["content-length"], answer.body) == (200, "0", b"")


def test_who_has_the_file_already_is_told_so(server: FileServer) -> None:
    tag = server.ask("/files/images/vmlinuz", "HEAD").headers["etag"]
    answer = server.ask("/files/images/vmlinuz", If_None_Match=tag)
    assert (answer.status, answer.body) == (304, b"")
    assert server.ask("/files/images/vmlinuz", If_None_Match='"another"').status == 200


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=1000000-", 1_000_000, 2**20 - 1),
        ("bytes=-7", 2**20 - 7, 2**20 - 1),
    ],
)
def test_a_download_is_resumed_where_it_stopped(
    server: FileServer, wanted: str, first: int, last: int
) -> None:
    answer = server.ask("/files/images/vmlinuz", Range=wanted)
    assert answer.status == 206
    assert answer.body == IMAGE[first : last + 1]
    assert answer.headers["content-length"] == str(last + 1 - first)
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{2**20}"


def test_a_range_behind_the_end_is_refused_with_the_size(server: FileServer) -> None:
    answer = server.ask("/files/images/vmlinuz", Range=f"bytes={2**20}-")
    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{2**20}"


def test_a_file_that_changed_meanwhile_is_not_resumed(server: FileServer) -> None:
    path = server.folder / "changing"
    path.write_bytes(b"old" * 1000)
    tag = server.ask("/files/changing", "HEAD").headers["etag"]
    assert server.ask("/files/changing", Range="bytes=9-", If_Range=tag).status == 206
    path.write_bytes(b"newer" * 1000)
    answer = server.ask("/files/changing", Range="bytes=9-", If_Range=tag)
    assert (answer.status, answer.body) == (200, b"newer" * 1000)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_changed(server: FileServer, method: str) -> None:
    answer = server.ask("/files/images/vmlinuz", method)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert (server.folder / "images" / "vmlinuz").read_bytes() == IMAGE


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/files", "/files/", "/files/images", "/files/images/", "/files/nothing"),
        *("/files/.hidden", "/files/images/.draft/vmlinuz", "/files/images/../.hidden"),
        *("/files/incoming/kernel", "/files//incoming/kernel", "/files/images/../incoming/kernel"),
        *("/files/%2ehidden", "/files/way%20out", "/files//etc/passwd", "/files/%2fetc/passwd"),
        *("/files/../secret-key-of-another", "/files/%2e%2e/secret-key-of-another"),
        *("/files/..%2fsecret-key-of-another", "/files/images%5cvmlinuz", "/files/%00"),
        *("/files/images/vmlinuz%00.txt", "/files/" + "x" * 300, "/files/%ff%fe"),
    ],
)
def test_there_is_no_listing_no_hidden_file_and_no_way_out(server: FileServer, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = server.ask(path, method)
        assert answer.status == 404
        assert b"secret" not in answer.body
        assert b"root:" not in answer.body
    assert server.ask(path).body == b"There is no such file.\n"


@contextmanager
def open_files_of_this_process(wanted: int) -> Iterator[None]:
    """Let us open that many, where the system allows it at all."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_as_many_machines_as_a_hall_has_may_download_at_once(server: FileServer) -> None:
    """None reads on, and the next one is still served at once."""
    (server.folder / "image").write_bytes(bytes(16 * 2**20))
    with ExitStack() as downloads:
        downloads.enter_context(open_files_of_this_process(MANY + 500))
        for _ in range(MANY):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            downloads.callback(connection.close)
            connection.request("GET", "/files/image")
            assert connection.getresponse().status == 200
        begun = time.monotonic()
        assert server.ask("/files/images/vmlinuz").body == IMAGE
        assert time.monotonic() - begun < 2.0


def run(data: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run `bearman files` where it is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "bearman", "files"],
        cwd=PROJECT,
        env=environment(data, **settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"BEARMAN_FILES_BIND": ""}, "There is nothing to serve here"),
        ({"BEARMAN_S3_ENDPOINT": "http://127.0.0.1:9"}, "There is nothing to serve here"),
        ({"BEARMAN_FILES_BIND": "8001"}, "BEARMAN_FILES_BIND: '8001' is not HOST:PORT."),
    ],
)
def test_what_cannot_be_served_is_told(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    ended = run(tmp_path, **settings)
    assert ended.returncode == 1
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
