"""What the commands share: --json, the store, and where Bearman is."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from bearman_cli.notes import Notes
from bearman_cli.options import Options
from bearman_cli.text import clean
from image_builder.errors import wrong_usage
from image_builder.progress import Progress

TRUE = {"1", "true", "t", "yes", "y", "on"}


class Wishes:
    """What the program must know of the command's options when it fails."""

    as_json = False


def _use_json(value: bool) -> bool:
    Wishes.as_json = value
    return value


JsonOption = Annotated[
    bool, typer.Option("--json", callback=_use_json, help="Write JSON for programs, errors too.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="The store; else BEARMAN_IMAGES_DIR, or var/images."),
]
ServerOption = Annotated[
    str,
    typer.Option(
        envvar="BEARMAN_GRPC",
        metavar="HOST:PORT",
        help="Where Bearman is; BEARMAN_CA, BEARMAN_TLS, BEARMAN_PLAINTEXT and BEARMAN_TOKEN "
        "are as for bearman-cli.",
    ),
]
PromoteOption = Annotated[
    bool, typer.Option("--promote", help="Make it the current version of its image.")
]


@dataclass
class _Notes(Notes):
    """What a connection says on the way, told as all else is."""

    progress: Progress = field(default_factory=Progress)

    def say(self, text: str) -> None:
        self.progress.note(clean(text))


def connection(server: str, progress: Progress) -> Options:
    """Options of a connection to Bearman, from the same variables as bearman-cli's."""
    if not server:
        raise wrong_usage(
            "It is not known where Bearman is.", "Give --server HOST:PORT, or set BEARMAN_GRPC."
        )
    return Options(
        server=server,
        ca=os.environ.get("BEARMAN_CA", ""),
        tls=_is_true("BEARMAN_TLS"),
        plaintext=_is_true("BEARMAN_PLAINTEXT"),
        notes=_Notes(progress=progress),
    )


def _is_true(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in TRUE
