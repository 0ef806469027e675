"""Follows a deployment or a release to its end."""

import time
from dataclasses import replace

from bearman_cli import render
from bearman_cli.baremetal_list import state_name
from bearman_cli.baremetal_show import get
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.deploy_live import LiveLine
from bearman_cli.deploy_timeline import AT_REST, TimeLine
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from protos.bearman.v1 import baremetal_pb2 as pb

PATIENT = replace(OPERATOR, retry_for=300.0)  # outlasts an upgrade of the server
POLL_SECONDS = 1.0


class Follower:
    """Asks again and again how far it is."""

    def __init__(
        self, connection: Connection, baremetal: pb.Baremetal, time_line: TimeLine
    ) -> None:
        self._connection = connection
        self._baremetal = baremetal
        self._time_line = time_line
        self._live = LiveLine(wanted=not connection.notes.json)
        self._step = ""
        self._step_since = 0.0

    def to_the_end(self, seconds: float | None) -> pb.Baremetal:
        """Follow until it is at rest; CliError after `seconds`, or when Ctrl-C is pressed."""
        limit = time.monotonic() + (float("inf") if seconds is None else seconds)
        try:
            while not self._look():
                left = limit - time.monotonic()
                if left <= 0:
                    raise self._still_running(ExitCode.WAIT_OVER, f"after {seconds:g} s")
                self._wait(min(POLL_SECONDS, left))
        except KeyboardInterrupt:
            raise self._still_running(ExitCode.INTERRUPTED, "and goes on") from None
        finally:
            self._live.clear()
        return self._baremetal

    def _look(self) -> bool:
        """Fetch and show what is new; True once it is at rest."""
        found = get(self._connection, self._baremetal.id, self._time_line.last_event)
        self._live.clear()
        self._baremetal = found.baremetal
        for event in found.events:
            self._time_line.show(event)
        return found.baremetal.state in AT_REST

    def _wait(self, seconds: float) -> None:
        baremetal, now = self._baremetal, time.monotonic()
        if baremetal.step != self._step:
            self._step, self._step_since = baremetal.step, now
        words = [state_name(baremetal.state), baremetal.step]
        words.append(f"for {render.duration(now - self._step_since)}")
        if baremetal.attempt > 1:
            words.append(f"attempt {baremetal.attempt}")
        if deadline := render.local_time(baremetal.deadline, "%H:%M:%S"):
            words.append(f"until {deadline} at most")
        self._live.write(f"{baremetal.hostname}: {' '.join(filter(None, words[:3]))}", words[3:])
        time.sleep(seconds)

    def _still_running(self, code: ExitCode, when: str) -> CliError:
        name, state = self._baremetal.hostname, state_name(self._baremetal.state)
        return CliError(
            code,
            f"{name} is {state} {when}.",
            f"Nothing was stopped: `bearman-cli baremetal wait {name}` follows it again, "
            f"`bearman-cli release {name}` ends it.",
        )
