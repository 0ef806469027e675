"""`bearman-cli node watch`: live lines, and no event lost or doubled when the server restarts."""

import json
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

from protos.bearman.v1 import nodes_pb2
from tests.bearman_cli.conftest import UUID, Program
from tests.bearman_cli.peer import Refusal, Script, serve
from tests.bearman_cli.samples import watched


class Following:
    """A running watch whose lines can be awaited."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.lines: queue.Queue[bytes] = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def line(self) -> str:
        """The next line, which must come soon."""
        return self.lines.get(timeout=20).decode().rstrip("\n")

    def stop(self) -> tuple[int, str]:
        """Press Ctrl-C; the exit code and stderr."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        self.reader.join(20)
        assert self.process.stderr is not None
        assert self.process.stdout is not None
        complaint = self.process.stderr.read().decode()
        self.process.stderr.close()
        self.process.stdout.close()
        return self.process.returncode, complaint


@pytest.fixture
def follow(program: Program) -> Iterator[Callable[..., Following]]:
    """Starts watches, and ends those that the test leaves behind."""
    started: list[Following] = []

    def start(*arguments: str) -> Following:
        started.append(Following(program.start(*arguments)))
        return started[-1]

    yield start
    for following in started:
        if following.process.poll() is None:
            following.stop()


def stream(*numbers: int, then: str = "hang", last_event: int | None = None) -> Any:
    """A WatchNodes that sends these events and then hangs, ends or breaks."""

    def answer(
        request: nodes_pb2.WatchNodesRequest, context: grpc.ServicerContext
    ) -> Iterator[nodes_pb2.WatchNodesResponse]:
        if last_event is not None:
            context.send_initial_metadata((("bearman-last-event", str(last_event)),))
        for number in numbers:
            yield watched(number)
        if then == "hang":
            done = threading.Event()
            context.add_callback(done.set)
            done.wait(60)
        elif then == "break":
            context.abort(grpc.StatusCode.UNAVAILABLE, "Going down.")

    return answer


def numbers_of(following: Following, count: int) -> list[int]:
    """The numbers of the next events of a watch with --json."""
    return [json.loads(following.line())["event"]["id"] for _ in range(count)]


def test_people_get_a_line_for_each_event(follow: Callable[..., Following], script: Script) -> None:
    script.on("WatchNodes", stream(5))
    following = follow("node", "watch", UUID)
    assert following.line() == (
        "2026-05-28 20:26:40  4c4c4544-0042-3510-8052-b4c04f330011  Dell Inc. SN00017  "
        "REGISTERING -> REGISTER_FAILED  bmc  The BMC did not answer."
    )
    code, complaint = following.stop()
    assert code == 130
    assert complaint == f"bearman-cli: Following {UUID}; Ctrl-C ends it.\n"
    assert list(script.requests[0].nodes) == [UUID]


def test_programs_get_an_object_a_line(follow: Callable[..., Following], script: Script) -> None:
    script.on("WatchNodes", stream(5))
    line = json.loads(follow("node", "watch", "--json").line())
    assert set(line) == {"node", "event"}
    assert line["event"]["id"] == 5
    assert line["node"]["status"] == "REGISTER_FAILED"


@pytest.mark.parametrize("then", ["break", "end"])
def test_a_stream_that_ends_is_continued_after_its_last_event(
    follow: Callable[..., Following], script: Script, then: str
) -> None:
    script.on("WatchNodes", stream(5, 6, then=then), stream(7))
    assert numbers_of(follow("node", "watch", "--json"), 3) == [5, 6, 7]
    assert [request.after_event for request in script.requests] == [0, 6]


def test_events_that_a_server_sends_again_are_shown_once(
    follow: Callable[..., Following], script: Script
) -> None:
    script.on("WatchNodes", stream(5, 7, then="break"), stream(5, 6, 7, 8))
    assert numbers_of(follow("node", "watch", "--json"), 4) == [5, 7, 6, 8]


def test_nothing_is_lost_where_the_connection_breaks_before_the_first_event(
    follow: Callable[..., Following], script: Script
) -> None:
    script.on("WatchNodes", stream(then="break", last_event=41), stream(42))
    assert numbers_of(follow("node", "watch", "--json"), 1) == [42]
    assert [request.after_event for request in script.requests] == [0, 41]


def test_a_server_that_restarts_loses_and_doubles_nothing(program: Program, script: Script) -> None:
    """Three servers one after the other on one port, each with a part of the events."""
    script.on("WatchNodes", *(stream(*range(first, first + 20)) for first in (1, 21, 41)))
    server, port = serve(script)
    program.environment["BEARMAN_GRPC"] = f"127.0.0.1:{port}"
    following = Following(program.start("node", "watch", "--json"))
    seen = numbers_of(following, 20)
    for _ in range(2):
        server.stop(None).wait()
        server, _ = serve(script, port=port)
        seen += numbers_of(following, 20)
    code, _ = following.stop()
    server.stop(None).wait()
    assert seen == list(range(1, 61))
    assert code == 130


def test_a_node_that_is_unknown_ends_the_watch(program: Program, script: Script) -> None:
    script.on("WatchNodes", lambda request, context: refuse(context))
    done = program.run("node", "watch", "nobody")
    assert done.code == 5
    assert "There is no node `nobody`." in done.err


def refuse(context: grpc.ServicerContext) -> Iterator[Any]:
    yield from ()
    context.abort(grpc.StatusCode.NOT_FOUND, "There is no node `nobody`.")


def test_a_server_that_stays_away_ends_the_watch_with_code_3(lonely_program: Program) -> None:
    assert lonely_program.run("--retry-for", "1", "node", "watch").code == 3


def test_a_server_that_ends_every_stream_at_once_is_not_hammered(
    program: Program, script: Script
) -> None:
    script.on("WatchNodes", stream(then="end"))
    done = program.run("--retry-for", "2", "node", "watch")
    assert done.code == 3
    assert "has ended the stream" in done.err
    assert len(script.requests) < 20


def test_a_watch_that_is_refused_is_not_repeated(program: Program, script: Script) -> None:
    script.on("WatchNodes", Refusal(grpc.StatusCode.PERMISSION_DENIED, "Not for you."))
    assert program.run("node", "watch").code == 4
    assert len(script.requests) == 1
