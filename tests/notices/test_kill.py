"""A process that sends messages and is killed: at any line, and for real."""

import linecache
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection
from pytest_django import Settings

from bearman.notices import services
from bearman.notices.models import Notice, Thread
from bearman.notices.states import State
from simulator.slack import SlackStandIn
from simulator.slack import Trouble as Misbehaviour
from tests.nodes.test_power_kill import PROJECT, database_url
from tests.notices.rig import come_good, deliver, fail, heads, later, registering, replies

FOLDER = str(Path(services.__file__).parent)


class Killed(BaseException):
    """What stops the code at a line; no handler of an error holds it."""


class Axe:
    """Stops what it is around at the line of the services that is number `line`."""

    def __init__(self, line: int) -> None:
        self.left = line

    def __enter__(self) -> None:
        sys.settrace(self._look)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        sys.settrace(None)
        return kind is Killed

    def _look(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(FOLDER):
            return None
        words = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
        # Python comes to a `with` once more before it leaves it, and would then not leave it.
        if event == "line" and not words.strip().startswith("with "):
            self.left -= 1
            if self.left == 0:
                raise Killed
        return self._look


def lines_of_a_run() -> int:
    axe = Axe(10**9)
    with axe:
        deliver()
    return 10**9 - axe.left


@pytest.mark.timeout(300)
@pytest.mark.django_db
def test_killed_at_any_line_each_message_arrives_and_none_twice(slack: SlackStandIn) -> None:
    one, two = registering(1), registering(2)
    fail(one)
    fail(two)
    lines = lines_of_a_run()
    assert lines > 100
    assert (len(heads(slack)), len(replies(slack))) == (1, 2)
    number = 2
    for line in range(1, lines, 13):
        number += 2
        nodes = [registering(number), registering(number + 1)]
        Thread.objects.all().delete()
        slack.store.channels[0].messages.clear()
        for node in nodes:
            fail(node)
        with Axe(line):
            deliver()
        later(600)
        deliver(2)
        assert (len(heads(slack)), len(replies(slack))) == (1, 2), f"killed at line {line}"
        assert not Notice.objects.exclude(state=State.SENT).exists()
        for node in nodes:
            come_good(node)
        with Axe(line // 2):
            deliver()
        later(600)
        deliver(2)
        assert (len(heads(slack)), len(replies(slack))) == (1, 5), f"killed at line {line // 2}"


@pytest.fixture
def worker(slack: SlackStandIn, settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker process on this test's database; ended with the test."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bearman", "worker"],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "BEARMAN_CREDENTIAL_KEYS": ",".join(site.CREDENTIAL_KEYS),
            "BEARMAN_POWER_REFRESH_SECONDS": "0",
            "BEARMAN_SLACK_TOKEN": slack.token,
            "BEARMAN_SLACK_CHANNEL": slack.store.channels[0].id,
            "BEARMAN_SLACK_API": slack.api_url,
        },
    )
    yield process
    process.kill()
    process.wait()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_that_is_killed_while_slack_takes_the_message_repeats_nothing(
    slack: SlackStandIn, worker: "subprocess.Popen[bytes]"
) -> None:
    slack.lasting = Misbehaviour(hang_s=3.0)  # then it takes it all the same
    fail(registering())
    limit = time.monotonic() + 60
    while not slack.asked:
        assert time.monotonic() < limit
        time.sleep(0.05)
    worker.kill()
    worker.wait()
    slack.lasting = None
    while not heads(slack):
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert Notice.objects.get().state == State.SENDING
    later(600)
    assert deliver() == 1
    assert len(heads(slack)) == 1
    assert Notice.objects.get().state == State.SENT
