"""`build`, `recipes` and `clear`."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from bearman_cli import render
from image_builder import build as building
from image_builder import kept, publish, recipe_load, show
from image_builder.errors import BuildError, wrong_usage
from image_builder.exit_codes import ExitCode
from image_builder.options import (
    JsonOption,
    OutputOption,
    PromoteOption,
    ServerOption,
    connection,
)
from image_builder.progress import Progress
from image_builder.recipe import Recipe
from image_builder.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(build)
    app.command()(recipes)
    app.command()(clear)


def build(
    recipe: Annotated[str, typer.Argument(help="Name of a recipe, or its file.")],
    *,
    publish_it: Annotated[
        bool, typer.Option("--publish", help="Upload it, and make it known to Bearman.")
    ] = False,
    promote: PromoteOption = False,
    version: Annotated[
        str, typer.Option(metavar="V", help="Its version; else the day and a number.")
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Build also where nothing has changed.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the container for a look; see `clear`.")
    ] = False,
    output: OutputOption = None,
    lxd_socket: Annotated[
        Path | None,
        typer.Option(
            envvar="BEARMAN_LXD_SOCKET",
            metavar="PATH",
            help="Use the LXD that listens there; else one is started for this build alone.",
        ),
    ] = None,
    server: ServerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Build an image from a recipe.

    Where nothing has changed since the last build, that one is taken. What to try first:
    `build debian-12`, then `build debian-12 --publish --promote`.
    """
    settings, progress = Settings(), Progress(as_json=as_json)
    if promote and not publish_it:
        raise wrong_usage("--promote needs --publish.", "Add --publish.")
    found = _loaded(settings, recipe)
    options = connection(server, progress) if publish_it else None
    if options:
        publish.check(options, found.name)  # better now than after the build
    order = building.Order(
        recipe=found,
        settings=settings,
        progress=progress,
        version=version,
        force=force,
        keep=keep,
        socket=lxd_socket,
        output=output.absolute() if output else None,
    )
    stored, is_new = building.run(order)
    published = None
    if options:
        published = publish.run(options, stored, promote=promote, progress=progress)
    show.built(stored, is_new=is_new, published=published, as_json=as_json)


def recipes(*, as_json: JsonOption = False) -> None:
    """List the recipes, and check each."""
    settings = Settings()
    found, faults = [], []
    for name in recipe_load.names(settings.recipes):
        try:
            found.append(_loaded(settings, name))
        except BuildError as error:
            faults.append(f"{error.message} {error.advice}".rstrip())
    if as_json:
        rows = [
            {"name": one.name, "title": one.title, "kind": one.kind, "base": str(one.base)}
            for one in found
        ]
        print(json.dumps({"recipes": rows, "faults": faults}))
    elif found:
        table = [(one.name, one.kind, one.title, str(one.base)) for one in found]
        render.write(render.Table(("RECIPE", "KIND", "TITLE", "BASE"), table, whole=(0, 1)))
    elif not faults:
        print(f"{settings.recipes} has no recipes.")
    if faults:
        raise wrong_usage("\n".join(faults))


def _loaded(settings: Settings, name: str) -> Recipe:
    recipe = recipe_load.load(settings.recipes, name)
    recipe_load.require_roles(recipe, settings.ansible)
    return recipe


def clear(*, as_json: JsonOption = False) -> None:
    """Remove what `--keep` left, and what builds left that were killed."""
    if os.geteuid() != 0:
        raise BuildError(
            ExitCode.MACHINE, "Only root can clear away what an LXD left.", "Run it with sudo."
        )
    folders = kept.clear(Settings().work)
    if as_json:
        print(json.dumps({"cleared": [str(folder) for folder in folders]}))
    elif folders:
        print("\n".join(f"Cleared {folder}" for folder in folders))
    else:
        print("There was nothing to clear.")
