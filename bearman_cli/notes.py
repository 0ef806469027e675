"""What goes to stderr: notes on the way and the error at the end; JSON lines with --json."""

import json
import sys
from dataclasses import dataclass

from bearman_cli.errors import CliError
from bearman_cli.text import clean, shorten

MESSAGE_LIMIT = 2000  # characters; a server's sentence is far shorter
LOG_LINES = 20


@dataclass
class Notes:
    """Writes for people, or one JSON object a line; `quiet` leaves only the error."""

    json: bool = False
    quiet: bool = False

    def say(self, text: str) -> None:
        """Tell what happens, unless the user wants quiet."""
        if not self.quiet:
            self._write(text, {"note": text})

    def event(self, event: dict[str, object]) -> None:
        """Tell programs what happened to a deployment that is being followed."""
        if not self.quiet:
            print(json.dumps({"event": event}), file=sys.stderr, flush=True)

    def log(self, title: str, block: str) -> None:
        """Show people the last lines of a log under a title; programs have it in an event."""
        if block and not self.json:
            self._write(title, {})
            for line in block.splitlines()[-LOG_LINES:]:
                print("  " + shorten(clean(line.expandtabs()), MESSAGE_LIMIT), file=sys.stderr)

    def fail(self, error: CliError) -> None:
        """Tell why the program ends; people at a terminal can look its code up."""
        code = f"({error.issue})" if error.issue and sys.stderr.isatty() else ""
        words = " ".join(filter(None, (error.message, error.advice, code)))
        self._write(words, {"error": error.as_dict()})

    def _write(self, text: str, value: dict[str, object]) -> None:
        line = json.dumps(value) if self.json else "bearman-cli: " + clean(text)
        print(line if self.json else shorten(line, MESSAGE_LIMIT), file=sys.stderr, flush=True)
