"""The verbs for operators and their programs."""
# ruff: noqa: PLC0415 - gRPC is loaded only by the verb that runs, so that help is fast

from enum import StrEnum
from typing import Annotated

import typer

from bearman_cli.options import JsonOption, of

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Look at nodes: the machines Bearman knows."
)


class Status(StrEnum):
    """The statuses of nodes.proto by their short names; written here so that help loads fast."""

    REGISTERING = "REGISTERING"
    READY = "READY"
    IN_USE = "IN_USE"
    REGISTER_FAILED = "REGISTER_FAILED"
    QUARANTINED = "QUARANTINED"
    MAINTENANCE = "MAINTENANCE"
    RETIRED = "RETIRED"


@app.command("list")
def list_nodes(
    context: typer.Context,
    *,
    status: Annotated[
        list[Status] | None,
        typer.Option(
            case_sensitive=False,
            metavar="STATUS",
            help=f"Only this status ({', '.join(Status)}); may be given several times.",
        ),
    ] = None,
    zone: Annotated[str, typer.Option(metavar="NAME", help="Only this availability zone.")] = "",
    flavor: Annotated[str, typer.Option(metavar="NAME", help="Only this flavor.")] = "",
    rack: Annotated[str, typer.Option(metavar="NAME", help="Only this rack.")] = "",
    query: Annotated[
        str,
        typer.Option(
            metavar="TEXT", help="Only where UUID, serial, vendor, product or BMC contain this."
        ),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Show at most so many.")] = 100,
    everything: Annotated[bool, typer.Option("--all", help="Show all, however many.")] = False,
    json: JsonOption = False,
) -> None:
    """List nodes, newest first.

    A narrow terminal gets fewer columns, a pipe all of them; `show` tells everything.
    """
    from bearman_cli import node_list

    filters = node_list.filters(
        statuses=status or (), zone=zone, flavor=flavor, query=query, rack=rack
    )
    node_list.run(of(context), wanted=filters, limit=None if everything else limit)


@app.command()
def show(
    context: typer.Context,
    *,
    node: Annotated[str, typer.Argument(help="Its id, UUID, serial, BMC address or MAC address.")],
    json: JsonOption = False,
) -> None:
    """Show one node: what it is made of, and what happened to it."""
    from bearman_cli import node_show

    node_show.run(of(context), node=node)


@app.command()
def watch(
    context: typer.Context,
    *,
    nodes: Annotated[
        list[str] | None, typer.Argument(help="Only these nodes, named as for `show`.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Follow what happens to nodes, until Ctrl-C.

    That gives exit code 130. A lost connection is made again without losing an event;
    with --json, one object a line.
    """
    from bearman_cli import node_watch

    node_watch.run(of(context), nodes=nodes or [])
