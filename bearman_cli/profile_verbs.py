"""The verbs that look at profiles."""
# ruff: noqa: PLC0415 - gRPC is loaded only by the verb that runs, so that help is fast

from typing import Annotated

import typer

from bearman_cli.options import JsonOption, of

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Look at profiles: what machines can boot."
)
ProfileArgument = Annotated[str, typer.Argument(metavar="PROFILE", help="Its name.")]


@app.command("list")
def list_profiles(context: typer.Context, *, json: JsonOption = False) -> None:
    """List profiles by name."""
    from bearman_cli import profile_list

    profile_list.run(of(context))


@app.command()
def show(context: typer.Context, *, profile: ProfileArgument, json: JsonOption = False) -> None:
    """Show one profile with its install script and its configuration."""
    from bearman_cli import profile_show

    profile_show.run(of(context), profile=profile)


@app.command()
def render(
    context: typer.Context,
    *,
    profile: ProfileArgument,
    node: Annotated[
        str,
        typer.Option(metavar="NODE", help="For which node: id, UUID, serial, BMC or MAC address."),
    ],
    json: JsonOption = False,
) -> None:
    """Show what a node would get, and what the format's checker says of it.

    The exit code is 6 where a deployment would be refused.
    """
    from bearman_cli import profile_render

    profile_render.run(of(context), profile=profile, node=node)
