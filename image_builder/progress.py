"""Says what is going on: with rich at a terminal, in plain lines elsewhere, as JSON if wanted."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
from rich.progress import Progress as RichProgress
from rich.status import Status
from rich.text import Text


class Progress:
    """Steps with their times; everything goes to stderr, for stdout is for results."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json, self.quiet = as_json, quiet
        self.seconds: dict[str, float] = {}
        self._console = Console(stderr=True, highlight=False)
        self._status: Status | None = None
        self._step = ""

    @property
    def _is_live(self) -> bool:
        return self._console.is_terminal and not self.as_json and not self.quiet

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A step of the work; its time is told when it has ended well."""
        begun, self._step = time.monotonic(), name
        self._begin(name)
        try:
            yield
        except BaseException:
            self._end_status()
            raise
        self._end_status()
        took = time.monotonic() - begun
        self.seconds[name] = round(took, 1)
        if self.as_json:
            self._event({"step": name, "seconds": round(took, 1)})
        else:
            self._line(f"{took:7.1f} s  {name}")

    def _begin(self, name: str) -> None:
        if self._is_live:
            self._status = self._console.status(Text(f"{name} ..."))
            self._status.start()
        elif self.as_json:
            self._event({"begin": name})

    def _end_status(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None

    def detail(self, text: str) -> None:
        """What the step is at just now; only a terminal shows it beside the step."""
        if self._status:
            self._status.update(Text(f"{self._step}: {text}"))
        elif self.as_json:
            self._event({"detail": text})

    def note(self, text: str) -> None:
        """A sentence for people."""
        if self.as_json:
            self._event({"note": text})
        else:
            self._line(text)

    @contextmanager
    def transfer(self, name: str, total: int) -> "Iterator[Transfer]":
        """A bar for bytes at a terminal, a line for each tenth elsewhere."""
        if self._is_live:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
            )
            with RichProgress(*columns, console=self._console, transient=True) as bar:
                task = bar.add_task(name, total=total)
                yield Transfer(total, lambda done: bar.update(task, completed=done))
        else:
            yield Transfer(total, self._tenths(name, total))

    def _tenths(self, name: str, total: int) -> Callable[[int], None]:
        shown = 0

        def show(done: int) -> None:
            nonlocal shown
            tenth = done * 10 // total if total else 10
            if tenth > shown and total > 16 * 1024 * 1024:
                shown = tenth
                self.transferred(name, done, total)

        return show

    def transferred(self, name: str, done: int, total: int) -> None:
        """So many bytes went of a file."""
        if self.as_json:
            self._event({"transfer": name, "bytes": done, "of": total})
        else:
            self._line(f"           {name}: {done * 100 // total} %")

    def _line(self, text: str) -> None:
        if not self.quiet:
            self._console.print(Text(text), soft_wrap=True)

    def _event(self, event: dict[str, object]) -> None:
        if not self.quiet:
            print(json.dumps({"event": event}), file=sys.stderr, flush=True)


class Transfer:
    """Counts bytes on their way."""

    def __init__(self, total: int, show: Callable[[int], None]) -> None:
        self.total, self._show, self.done = total, show, 0

    def add(self, size: int) -> None:
        """So many more bytes went."""
        self.done += size
        self._show(self.done)

    def restart(self) -> None:
        """The transfer begins anew."""
        self.done = 0
        self._show(0)
