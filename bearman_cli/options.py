"""The options that stand before the verb, as the program carries them around, and --json."""

from dataclasses import dataclass, field
from typing import Annotated

import typer

from bearman_cli.notes import Notes


@dataclass
class Options:
    """Filled by the program's callback; `None` and empty mean: not given."""

    server: str = ""
    ca: str = ""
    tls: bool = False
    plaintext: bool = False
    timeout: float | None = None  # seconds for one call
    retry_for: float | None = None  # seconds from the first attempt to the last
    notes: Notes = field(default_factory=Notes)


def of(context: typer.Context) -> Options:
    """The options of the program that runs this verb."""
    options = context.obj
    assert isinstance(options, Options)
    return options


def _use_json(context: typer.Context, value: bool) -> bool:
    of(context).notes.json = value
    return value


JsonOption = Annotated[
    bool,
    typer.Option("--json", callback=_use_json, help="Write JSON for programs, errors too."),
]
