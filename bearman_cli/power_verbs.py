"""The verbs for the power of machines."""
# ruff: noqa: PLC0415 - gRPC is loaded only by the verb that runs, so that help is fast

from enum import StrEnum
from typing import Annotated

import typer

from bearman_cli.options import JsonOption, Options, of

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Switch machines on and off, through their BMCs.",
)

NodesArgument = Annotated[
    list[str],
    typer.Argument(metavar="NODE...", help="Id, UUID, serial, BMC address or MAC address of each."),
]
NoWaitOption = Annotated[
    bool, typer.Option("--no-wait", help="Print the number of the request, and do not follow it.")
]
YesOption = Annotated[
    bool, typer.Option("--yes", "-y", help="Do not ask, also where a machine is in use.")
]


class BootFrom(StrEnum):
    """What a machine can boot from the next time."""

    NETWORK = "network"
    DISK = "disk"
    SETUP = "setup"


ACTIONS = {BootFrom.NETWORK: "BOOT_PXE", BootFrom.DISK: "BOOT_DISK", BootFrom.SETUP: "BOOT_SETUP"}


@app.command()
def on(
    context: typer.Context,
    *,
    nodes: NodesArgument,
    no_wait: NoWaitOption = False,
    json: JsonOption = False,
) -> None:
    """Switch machines on, and see that they are."""
    _run(of(context), nodes, "ON", no_wait=no_wait)


@app.command()
def off(
    context: typer.Context,
    *,
    nodes: NodesArgument,
    hard: Annotated[bool, typer.Option("--hard", help="Cut the power at once.")] = False,
    yes: YesOption = False,
    no_wait: NoWaitOption = False,
    json: JsonOption = False,
) -> None:
    """Ask machines to shut down; with --hard, cut their power.

    Asks at the terminal before it takes a machine from somebody who uses it.
    """
    _run(of(context), nodes, "HARD_OFF" if hard else "SOFT_OFF", yes=yes, no_wait=no_wait)


@app.command()
def cycle(
    context: typer.Context,
    *,
    nodes: NodesArgument,
    yes: YesOption = False,
    no_wait: NoWaitOption = False,
    json: JsonOption = False,
) -> None:
    """Cut the power of machines that are on, and switch them on again.

    Asks at the terminal before it does so to a machine that somebody uses.
    """
    _run(of(context), nodes, "CYCLE", yes=yes, no_wait=no_wait)


@app.command()
def status(
    context: typer.Context,
    *,
    nodes: NodesArgument,
    no_wait: NoWaitOption = False,
    json: JsonOption = False,
) -> None:
    """Ask the BMCs whether the machines are on."""
    _run(of(context), nodes, "STATUS", no_wait=no_wait)


@app.command()
def boot(
    context: typer.Context,
    *,
    nodes: NodesArgument,
    source: Annotated[
        BootFrom, typer.Option("--from", help="What to boot from the next time.")
    ] = BootFrom.NETWORK,
    no_wait: NoWaitOption = False,
    json: JsonOption = False,
) -> None:
    """Choose what machines boot from the next time; it does not start them."""
    _run(of(context), nodes, ACTIONS[source], no_wait=no_wait)


@app.command()
def identify(
    context: typer.Context,
    *,
    nodes: NodesArgument,
    dark: Annotated[bool, typer.Option("--off", help="Switch it off again.")] = False,
    no_wait: NoWaitOption = False,
    json: JsonOption = False,
) -> None:
    """Light the identify light of machines, so that they are found in their rack."""
    _run(of(context), nodes, "IDENTIFY_OFF" if dark else "IDENTIFY_ON", no_wait=no_wait)


def _run(
    options: Options, nodes: list[str], action: str, *, yes: bool = False, no_wait: bool
) -> None:
    from bearman_cli import power

    power.run(options, nodes=nodes, action=action, yes=yes, wait=not no_wait)
