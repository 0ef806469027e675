"""The verbs for images: what machines boot, in versions."""
# ruff: noqa: PLC0415 - gRPC is loaded only by the verb that runs, so that help is fast

from typing import Annotated

import typer

from bearman_cli.options import JsonOption, of

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look at versions of images, and choose which one is deployed.",
)
VersionArgument = Annotated[
    str, typer.Argument(metavar="NAME/VERSION", help="An image and its version.")
]
CurrentArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME[/VERSION]", help="An image; without a version, its current version."
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only say whom it concerns; nothing is changed.")
]


@app.command("list")
def list_images(
    context: typer.Context,
    *,
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="Only the versions of this image.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """List versions by name, the newest first."""
    from bearman_cli import image_list

    image_list.run(of(context), name=name)


@app.command()
def show(context: typer.Context, *, image: CurrentArgument, json: JsonOption = False) -> None:
    """Show a version: its files, who signed it, what uses it."""
    from bearman_cli import image_show

    image_show.run(of(context), image=image)


@app.command()
def diff(
    context: typer.Context,
    *,
    before: CurrentArgument,
    after: Annotated[
        str, typer.Argument(metavar="[NAME[/VERSION]]", help="Else the current version of NAME.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Show the packages that differ between two versions."""
    from bearman_cli import image_diff

    image_diff.run(of(context), before=before, after=after)


@app.command()
def promote(
    context: typer.Context,
    *,
    image: VersionArgument,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Make a version the current one, which is deployed.

    Profiles that follow NAME deploy it from now on. Says first which profiles and machines that
    concerns, and asks. Machines keep what they boot until they are deployed again.
    """
    from bearman_cli import image_current

    image_current.promote(of(context), image=image, yes=yes, dry_run=dry_run)


@app.command("roll-back")
def roll_back(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The image.")],
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Go back to the version that was current before.

    Again, and it is the one before that. Says first which profiles and machines that concerns,
    and asks.
    """
    from bearman_cli import image_current

    image_current.roll_back(of(context), name=name, yes=yes, dry_run=dry_run)


@app.command()
def delete(
    context: typer.Context,
    *,
    image: VersionArgument,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Delete a version and its files from the storage.

    The current version, one that a profile is held at and one that a machine boots are refused.
    """
    from bearman_cli import image_delete

    image_delete.run(of(context), image=image, yes=yes)
