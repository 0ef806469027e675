"""The program `python -m image_builder`: its commands, its options, and how it ends."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from image_builder import build as building
from image_builder import exit_codes, programs, recipe_load, signals
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.progress import Progress
from image_builder.settings import Settings

app = typer.Typer(
    name="image_builder",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=exit_codes.help_text(),
    help="Make images that machines boot, from recipes.",
)


class Wishes:
    """What the program must know of the command's options when it fails."""

    as_json = False


def _use_json(value: bool) -> bool:
    Wishes.as_json = value
    return value


JsonOption = Annotated[
    bool, typer.Option("--json", callback=_use_json, help="Write JSON for programs, errors too.")
]


@app.command()
def build(
    recipe: Annotated[str, typer.Argument(help="Name of a recipe, or its file.")],
    *,
    version: Annotated[str, typer.Option(help="Version; else the day and a number.")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Build even if nothing has changed.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the container for a look.")] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Store; else BEARMAN_IMAGES_DIR.")
    ] = None,
    lxd_socket: Annotated[
        Path | None,
        typer.Option(envvar="BEARMAN_LXD_SOCKET", metavar="PATH", help="Use an LXD that runs."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Build an image from a recipe, and show what came of it."""
    settings = Settings()
    order = building.Order(
        recipe=recipe_load.load(settings.recipes, recipe),
        settings=settings,
        progress=Progress(as_json=as_json),
        version=version,
        force=force,
        keep=keep,
        socket=lxd_socket,
        output=output.absolute() if output else None,
    )
    stored, built = building.run(order)
    print(stored.folder)


@app.command()
def recipes(*, as_json: JsonOption = False) -> None:
    """List the recipes, and check each."""
    folder = Settings().recipes
    found = [recipe_load.load(folder, name) for name in recipe_load.names(folder)]
    for each in found:
        print(f"{each.name:20} {each.kind:10} {each.title}")


def main() -> None:
    """Run the program; exits with one of exit_codes.ExitCode, and shows nobody a traceback."""
    programs.extend_path()
    try:
        with signals.caught():
            app(prog_name="image_builder")
    except BuildError as error:
        _fail(error)
    except signals.Interrupted:
        _fail(BuildError(ExitCode.INTERRUPTED, "Interrupted; everything was cleared away."))


def _fail(error: BuildError) -> None:
    if Wishes.as_json:
        print(json.dumps({"error": error.as_dict()}), file=sys.stderr)
    else:
        for line in error.log.splitlines()[-60:]:
            print(f"  {line}", file=sys.stderr)
        print(f"image_builder: {error.message} {error.advice}".rstrip(), file=sys.stderr)
    sys.exit(error.exit_code)
