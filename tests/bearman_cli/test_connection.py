"""The way to the server: retries, time limits, TLS, and Ctrl-C at any moment."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from bearman_cli.endpoint import Endpoint, parse, trusted_roots
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.options import Options
from bearman_cli.retry import LONGEST_WAIT
from protos.bearman.v1 import nodes_pb2
from simulator.demo.ports import free_tcp_ports
from tests.bearman_cli.conftest import Program
from tests.bearman_cli.peer import Refusal, Script, serve
from tests.bearman_cli.samples import whole_node
from tests.certificates import Authority


def port_of(program: Program) -> int:
    """The port where the program looks for the server."""
    return int(program.environment["BEARMAN_GRPC"].rpartition(":")[2])


# --- retries --------------------------------------------------------------------------------------


def first_note(process: "subprocess.Popen[bytes]") -> str:
    """What the program says when its first attempt has failed."""
    assert process.stderr is not None
    return process.stderr.readline().decode()


def test_a_server_that_comes_back_is_found(lonely_program: Program, script: Script) -> None:
    script.on("GetNode", whole_node())
    process = lonely_program.start("--retry-for", "60", "node", "show", "x")
    note = first_note(process)
    server, _ = serve(script, port=port_of(lonely_program))
    begun = time.monotonic()
    out, complaint = process.communicate(timeout=30)
    server.stop(None).wait()
    assert "is not available: Connection refused. Attempt 2 in" in note
    assert process.returncode == 0, complaint
    assert b"PowerEdge R640" in out
    assert time.monotonic() - begun < 2 * LONGEST_WAIT


def test_a_server_that_restarts_in_the_middle_of_a_call_is_asked_again(
    lonely_program: Program, script: Script
) -> None:
    port = port_of(lonely_program)
    servers: list[grpc.Server] = []
    restarts: list[threading.Thread] = []

    def restart() -> None:
        servers[0].stop(None).wait()
        time.sleep(0.5)
        servers.append(serve(script, port=port)[0])

    def die(request: object, context: grpc.ServicerContext) -> nodes_pb2.GetNodeResponse:
        restarts.append(threading.Thread(target=restart))
        restarts[0].start()
        time.sleep(1)
        return whole_node()

    script.on("GetNode", die, whole_node())
    servers.append(serve(script, port=port)[0])
    done = lonely_program.run("--retry-for", "30", "node", "show", "x")
    restarts[0].join()
    servers[-1].stop(None).wait()
    assert done.code == 0, done.err
    assert len(script.requests) == 2


def test_a_server_that_stays_away_is_code_3_when_time_is_up(lonely_program: Program) -> None:
    begun = time.monotonic()
    done = lonely_program.run("--retry-for", "2", "node", "list")
    assert 2 <= time.monotonic() - begun < 20
    assert done.code == 3
    last = done.err.splitlines()[-1]
    assert "is not available: Connection refused. Gave up after" in last
    assert "Check --server" in last


def test_no_time_for_retries_means_one_attempt(lonely_program: Program) -> None:
    done = lonely_program.run("--retry-for", "0", "node", "list")
    assert (done.code, len(done.err.splitlines())) == (3, 1)


def test_quiet_leaves_only_the_error(lonely_program: Program) -> None:
    done = lonely_program.run("--quiet", "--retry-for", "1", "node", "list")
    assert len(done.err.splitlines()) == 1


def test_notes_and_error_are_json_lines_for_programs(lonely_program: Program) -> None:
    done = lonely_program.run("--retry-for", "1", "node", "list", "--json")
    *notes, error = (json.loads(line) for line in done.err.splitlines())
    assert notes
    assert {key for note in notes for key in note} == {"note"}
    assert error["error"]["name"] == "UNREACHABLE"


def test_a_name_that_does_not_resolve_is_code_3(program: Program) -> None:
    done = program.run(
        "--plaintext", "--retry-for", "0", "node", "list", BEARMAN_GRPC="bearman.invalid:1"
    )
    assert done.code == 3
    assert "bearman.invalid:1 is not available" in done.err


def test_a_refusal_is_not_repeated(program: Program, script: Script) -> None:
    script.on("GetNode", Refusal(grpc.StatusCode.UNAUTHENTICATED, "The token has ended."))
    done = program.run("node", "show", "x")
    assert done.code == 4
    assert "The token has ended." in done.err
    assert len(script.requests) == 1


def test_a_call_that_takes_too_long_is_made_again(program: Program, script: Script) -> None:
    def slow(request: object, context: grpc.ServicerContext) -> nodes_pb2.GetNodeResponse:
        time.sleep(2)
        return whole_node()

    script.on("GetNode", slow, whole_node())
    done = program.run("--timeout", "0.5", "node", "show", "x")
    assert done.code == 0
    assert "did not answer in time" in done.err


def test_a_proxy_for_the_internet_is_not_asked(program: Program, script: Script) -> None:
    script.on("GetNode", whole_node())
    nowhere = f"http://127.0.0.1:{free_tcp_ports(1)[0]}"
    done = program.run("node", "show", "x", http_proxy=nowhere, https_proxy=nowhere)
    assert done.code == 0


# --- Ctrl-C ---------------------------------------------------------------------------------------


def interrupted(process: "subprocess.Popen[bytes]") -> tuple[int, float, str]:
    """Send SIGINT; the exit code, the seconds until the end, and stderr."""
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=20)
    return process.returncode, time.monotonic() - begun, complaint.decode()


def test_ctrl_c_ends_the_wait_between_attempts_at_once(lonely_program: Program) -> None:
    process = lonely_program.start("--retry-for", "300", "node", "list")
    first_note(process)
    code, seconds, complaint = interrupted(process)
    assert code == 130
    assert seconds < 3
    assert "Traceback" not in complaint


def test_ctrl_c_ends_a_call_at_once(program: Program, script: Script) -> None:
    asked, release = threading.Event(), threading.Event()

    def hang(request: object, context: grpc.ServicerContext) -> nodes_pb2.GetNodeResponse:
        asked.set()
        release.wait(20)
        return whole_node()

    script.on("GetNode", hang)
    process = program.start("node", "show", "x")
    assert asked.wait(20)
    code, seconds, complaint = interrupted(process)
    release.set()
    assert code == 130
    assert seconds < 3
    assert "Traceback" not in complaint


# --- where the server is, and whether the way is safe ---------------------------------------------


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("bearman:1234", "bearman", 1234),
        ("bearman.example", "bearman.example", 50051),
        ("10.0.0.1:65535", "10.0.0.1", 65535),
        ("[2001:db8::1]:7", "2001:db8::1", 7),
        ("[::1]", "::1", 50051),
    ],
)
def test_an_endpoint_is_host_and_port(text: str, host: str, port: int) -> None:
    assert parse(text) == Endpoint(host, port)
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "http://bearman", "unix:/run/x", "a:0", "a:65536", "a:b", "::1:50051", "[::1", "[1.2]:3",
     "a b:1", "a:1\n", "a;reboot:1"],
)  # fmt: skip
def test_what_is_no_endpoint_is_wrong_usage(text: str) -> None:
    with pytest.raises(CliError) as caught:
        parse(text)
    assert caught.value.exit_code is ExitCode.USAGE


def test_nothing_is_assumed_about_where_the_server_is(program: Program) -> None:
    done = program.run("node", "list", BEARMAN_GRPC="")
    assert done.code == 2
    assert "BEARMAN_GRPC" in done.err


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_may_be_plain(host: str) -> None:
    assert trusted_roots(Endpoint(host, 1), Options()) is None


@pytest.mark.parametrize("host", ["10.0.0.1", "bearman", "localhost.example", "2001:db8::1"])
def test_other_hosts_need_tls_or_a_word(host: str) -> None:
    with pytest.raises(CliError) as caught:
        trusted_roots(Endpoint(host, 1), Options())
    assert "BEARMAN_PLAINTEXT=1" in caught.value.advice
    assert trusted_roots(Endpoint(host, 1), Options(plaintext=True)) is None


def test_the_word_can_be_in_the_environment(program: Program) -> None:
    done = program.run(
        *("--retry-for", "0", "node", "list"), BEARMAN_GRPC="bearman.invalid", BEARMAN_PLAINTEXT="1"
    )
    assert done.code == 3


def test_plain_and_encrypted_at_once_is_wrong_usage(program: Program) -> None:
    assert program.run("--tls", "node", "list", BEARMAN_PLAINTEXT="1").code == 2


# --- TLS ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tls:
    """A CA's file and the port of a server that it vouches for, as 127.0.0.1."""

    ca: Path
    port: int


@pytest.fixture
def tls(script: Script, tmp_path: Path) -> Iterator[Tls]:
    script.on("GetNode", whole_node())
    authority = Authority()
    certificate, key = authority.server()
    credentials = grpc.ssl_server_credentials([(key, certificate)])
    server, port = serve(script, credentials=credentials)
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority.pem)
    yield Tls(ca, port)
    server.stop(None).wait()


def test_a_certificate_of_our_ca_is_trusted(program: Program, tls: Tls) -> None:
    done = program.run(
        "--ca", str(tls.ca), "--server", f"127.0.0.1:{tls.port}", "node", "show", "x"
    )
    assert done.code == 0, done.err


def test_the_systems_roots_are_used_with_tls_alone(program: Program, tls: Tls) -> None:
    done = program.run(
        *("--tls", "node", "show", "x"),
        BEARMAN_GRPC=f"127.0.0.1:{tls.port}",
        SSL_CERT_FILE=str(tls.ca),
    )
    assert done.code == 0, done.err


def test_a_strangers_certificate_ends_it_without_retries(
    program: Program, tls: Tls, tmp_path: Path, script: Script
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(Authority("Other CA").pem)
    done = program.run(
        "node", "show", "x", BEARMAN_GRPC=f"127.0.0.1:{tls.port}", BEARMAN_CA=str(other)
    )
    assert done.code == 3
    assert len(done.err.splitlines()) == 1
    assert "is not trusted" in done.err
    assert script.requests == []


def test_a_certificate_for_another_name_is_not_trusted(program: Program, tls: Tls) -> None:
    done = program.run(
        "node", "show", "x", BEARMAN_GRPC=f"localhost:{tls.port}", BEARMAN_CA=str(tls.ca)
    )
    assert done.code == 3
    assert "is not trusted: Hostname Verification Check failed" in done.err


def test_a_server_without_tls_is_told_apart(
    program: Program, tls: Tls, port: int, script: Script
) -> None:
    done = program.run("--ca", str(tls.ca), "node", "show", "x", BEARMAN_GRPC=f"127.0.0.1:{port}")
    assert done.code == 3
    assert "does not speak TLS" in done.err
    assert script.tokens == []


def test_a_ca_file_that_is_missing_or_none_is_named(program: Program, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.pem")
    done = program.run("--ca", missing, "node", "list")
    assert (done.code, missing in done.err) == (2, True)
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----")
    done = program.run("--ca", str(tmp_path / "key.pem"), "node", "list")
    assert (done.code, "no certificate" in done.err) == (2, True)
