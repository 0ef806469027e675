"""The verbs of the identity desk: who machines in quarantine are."""
# ruff: noqa: PLC0415 - gRPC is loaded only by the verb that runs, so that help is fast

from typing import Annotated

import typer

from bearman_cli.options import JsonOption, of

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Say who machines in quarantine are: the same as a node, another, or not to be taken.",
)

NodeArgument = Annotated[
    str, typer.Argument(help="Its id, UUID, serial or MAC address; twins have the id of their own.")
]
NoteOption = Annotated[
    str, typer.Option("--note", metavar="TEXT", help="Why; it goes on the time line.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command("list")
def list_quarantined(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Show at most so many.")] = 100,
    everything: Annotated[bool, typer.Option("--all", help="Show all, however many.")] = False,
    json: JsonOption = False,
) -> None:
    """List the machines in quarantine, the one that waits longest first."""
    from bearman_cli import identity_list

    identity_list.run(of(context), limit=None if everything else limit)


@app.command()
def show(context: typer.Context, *, node: NodeArgument, json: JsonOption = False) -> None:
    """Show a machine in quarantine and the nodes that it may be, with the reasons."""
    from bearman_cli import identity_show

    identity_show.run(of(context), node=node)


@app.command()
def merge(
    context: typer.Context,
    *,
    node: NodeArgument,
    into: Annotated[str, typer.Option("--into", metavar="NODE", help="The node that it is.")],
    note: NoteOption = "",
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """It is the machine of another node, with other parts: that node gets its inventory.

    The node keeps its number, its BMC's address and its history, and must register anew.
    """
    from bearman_cli import identity_decide

    identity_decide.merge(of(context), node=node, into=into, note=note, yes=yes)


@app.command()
def own(
    context: typer.Context,
    *,
    node: NodeArgument,
    note: NoteOption = "",
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """It is another machine: it gets its own identity although its UUID is not its own.

    Its board and interfaces tell who it is from then on; it must register anew.
    """
    from bearman_cli import identity_decide

    identity_decide.own(of(context), node=node, note=note, yes=yes)


@app.command()
def reject(
    context: typer.Context,
    *,
    node: NodeArgument,
    note: NoteOption = "",
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Turn it away; if it comes again, it is quarantined again."""
    from bearman_cli import identity_decide

    identity_decide.reject(of(context), node=node, note=note, yes=yes)


@app.command()
def undo(
    context: typer.Context,
    *,
    node: NodeArgument,
    note: NoteOption = "",
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Take a decision back, as long as the machine has not registered since."""
    from bearman_cli import identity_decide

    identity_decide.undo(of(context), node=node, note=note, yes=yes)
