"""Shows the events of a deployment as they come: for people a line each, with durations."""

from bearman_cli import render
from bearman_cli.as_json import as_dict
from bearman_cli.baremetal_show import seconds_between, what_happened
from bearman_cli.notes import Notes
from protos.bearman.v1 import baremetal_pb2 as pb

AT_REST = {
    pb.BAREMETAL_STATE_INSTALLED,
    pb.BAREMETAL_STATE_UNRECOVERABLE_ERROR,
    pb.BAREMETAL_STATE_RELEASED,
}

BESIDE = "power"  # kind of events that may be written down after the step that they belong to


class TimeLine:
    """Remembers when it began and when its step began, by the server's clock."""

    def __init__(self, notes: Notes, after_event: int, log: str = "") -> None:
        """`log` is what is known so far of a script that failed."""
        self._notes = notes
        self.last_event = after_event
        self.log = log
        self._first: pb.BaremetalEvent | None = None
        self._step_began: pb.BaremetalEvent | None = None

    def show(self, event: pb.BaremetalEvent) -> None:
        """Write the event, unless it was shown before."""
        if event.id <= self.last_event:
            return
        self.last_event = event.id
        self.log = event.log_tail or self.log
        if self._notes.json:
            self._notes.event(as_dict(event))
        else:
            self._write(event)

    def _write(self, event: pb.BaremetalEvent) -> None:
        self._first = self._first or event
        since_first = render.duration(seconds_between(self._first, event))
        before = f"{render.local_time(event.at)}  {'+' + since_first:>13}  "
        after = "".join(f"  {words}" for words in (event.step, event.issue, event.message) if words)
        render.line(before, what_happened(event), after + self._step_over(event))

    def _step_over(self, event: pb.BaremetalEvent) -> str:
        """How long the step took that this event ends, by its own end or the next one's begin."""
        if event.kind == BESIDE:
            return ""
        begun, ends = self._step_began, event.to_state in AT_REST
        if begun and not ends and event.step in {"", begun.step}:
            return ""
        self._step_began = None if ends or not event.step else event
        if not begun:
            return ""
        return f"  ({begun.step} took {render.duration(seconds_between(begun, event))})"
