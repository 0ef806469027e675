"""The verbs that look into the issue catalogue."""
# ruff: noqa: PLC0415 - gRPC is loaded only by the verb that runs, so that help is fast

from typing import Annotated

import typer

from bearman_cli.options import JsonOption, of

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look up codes such as WIRE-003: everything that Bearman finds or fails at.",
)


@app.command("list")
def list_issues(
    context: typer.Context,
    *,
    area: Annotated[
        str,
        typer.Option(metavar="AREA", help="Only this area, such as Wiring, or its prefix, WIRE."),
    ] = "",
    json: JsonOption = False,
) -> None:
    """List the whole catalogue by area."""
    from bearman_cli import issue_list

    issue_list.run(of(context), area=area)


@app.command()
def show(
    context: typer.Context,
    *,
    code: Annotated[str, typer.Argument(metavar="CODE", help="Such as WIRE-003.")],
    json: JsonOption = False,
) -> None:
    """Show what a code means and what to do about it."""
    from bearman_cli import issue_show

    issue_show.run(of(context), code=code)
