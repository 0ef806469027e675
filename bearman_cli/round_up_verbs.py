"""The verb for whoever walks along the racks."""
# ruff: noqa: PLC0415 - gRPC is loaded only by the verb that runs, so that help is fast

from typing import Annotated

import typer

from bearman_cli.options import JsonOption, of


def round_up(
    context: typer.Context,
    *,
    hours: Annotated[
        int, typer.Option(min=1, max=744, metavar="N", help="The last so many hours.")
    ] = 12,
    json: JsonOption = False,
) -> None:
    """Sum up a round of registrations: who came through, who failed of what, where to walk.

    The list is sorted by rack and unit, and has expected machines that have not shown up too.
    """
    from bearman_cli import round_up as body

    body.run(of(context), hours=hours)


def add_to(app: typer.Typer) -> None:
    """Give the program this verb."""
    app.command()(round_up)
