"""The verbs that look at deployments, and the way into a machine."""
# ruff: noqa: PLC0415 - gRPC is loaded only by the verb that runs, so that help is fast

from enum import StrEnum
from typing import Annotated

import typer

from bearman_cli.deploy_verbs import BaremetalArgument, TimeoutWaitOption
from bearman_cli.options import JsonOption, of

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look at baremetals: machines with an operating system.",
)


class State(StrEnum):
    """The states of baremetal.proto by their short names; written here so that help loads fast."""

    DEPLOY_START = "DEPLOY_START"
    DEPLOYING = "DEPLOYING"
    INSTALLED = "INSTALLED"
    UNRECOVERABLE_ERROR = "UNRECOVERABLE_ERROR"
    RELEASING = "RELEASING"
    RELEASED = "RELEASED"


@app.command("list")
def list_baremetals(
    context: typer.Context,
    *,
    state: Annotated[
        list[State] | None,
        typer.Option(
            case_sensitive=False,
            metavar="STATE",
            help=f"Only this state ({', '.join(State)}); may be given several times.",
        ),
    ] = None,
    profile: Annotated[str, typer.Option(metavar="NAME", help="Only this profile.")] = "",
    query: Annotated[
        str, typer.Option(metavar="TEXT", help="Only where host name or an address contain this.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Show at most so many.")] = 100,
    everything: Annotated[bool, typer.Option("--all", help="Show all, however many.")] = False,
    json: JsonOption = False,
) -> None:
    """List baremetals, newest first; those that were released only with --state RELEASED."""
    from bearman_cli import baremetal_list

    filters = baremetal_list.filters(states=state or (), profile=profile, query=query)
    baremetal_list.run(of(context), wanted=filters, limit=None if everything else limit)


@app.command()
def show(context: typer.Context, *, baremetal: BaremetalArgument, json: JsonOption = False) -> None:
    """Show one baremetal: where it is, and what happened to it."""
    from bearman_cli import baremetal_show

    baremetal_show.run(of(context), baremetal=baremetal)


@app.command()
def wait(
    context: typer.Context,
    *,
    baremetal: BaremetalArgument,
    timeout_wait: TimeoutWaitOption = None,
    json: JsonOption = False,
) -> None:
    """Follow a deployment or release that is under way, to its end.

    The exit code is 0 when it is INSTALLED or RELEASED, 10 when it ended in an error.
    """
    from bearman_cli import baremetal_wait

    baremetal_wait.run(of(context), baremetal=baremetal, seconds=timeout_wait)


@app.command()
def ssh(
    context: typer.Context,
    *,
    baremetal: BaremetalArgument,
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- COMMAND]", help="What to run there; a shell where it is not."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Log in as root with ssh, at the service address.

    The exit code is that of ssh. With --json the command line is written and not run.
    """
    from bearman_cli import baremetal_ssh

    baremetal_ssh.run(of(context), baremetal=baremetal, command=command or [])
