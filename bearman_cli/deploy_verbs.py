"""The verbs that put an operating system on a machine, and take the machine back."""
# ruff: noqa: PLC0415 - gRPC is loaded only by the verb that runs, so that help is fast

from typing import Annotated

import typer

from bearman_cli.options import JsonOption, of

BaremetalArgument = Annotated[
    str,
    typer.Argument(
        metavar="BAREMETAL", help="Its host name, number, service address, or the node it is on."
    ),
]
WaitOption = Annotated[bool, typer.Option("--wait", help="Follow it to its end.")]
TimeoutWaitOption = Annotated[
    float | None,
    typer.Option(
        min=1, metavar="SECONDS", help="Stop following after so long; without it, at its end."
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def deploy(
    context: typer.Context,
    *,
    node: Annotated[
        str,
        typer.Argument(
            metavar="NODE", help="Its id, UUID, serial, BMC address or MAC address; must be READY."
        ),
    ],
    profile: Annotated[
        str,
        typer.Option(
            "--profile", "-p", metavar="NAME", help="What to boot; else what its flavor says."
        ),
    ] = "",
    hostname: Annotated[
        str, typer.Option(metavar="NAME", help="Its host name; else node- and a number.")
    ] = "",
    ssh_key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Public keys of those who may log in; may be given several times.",
        ),
    ] = None,
    wait: WaitOption = False,
    timeout_wait: TimeoutWaitOption = None,
    json: JsonOption = False,
) -> None:
    """Put a profile on a node.

    With --wait the exit code is 0 only when the machine is INSTALLED, and 10 when the
    deployment ended in an error; Ctrl-C leaves it running.
    """
    from bearman_cli import deploy as body

    body.run(
        of(context),
        node=node,
        profile=profile,
        hostname=hostname,
        key_files=ssh_key or [],
        wait=body.Wait(wait or timeout_wait is not None, timeout_wait),
    )


def redeploy(
    context: typer.Context,
    *,
    baremetal: BaremetalArgument,
    profile: Annotated[
        str,
        typer.Option(
            "--profile", "-p", metavar="NAME", help="What to boot; else the same as it is now."
        ),
    ] = "",
    wait: WaitOption = False,
    timeout_wait: TimeoutWaitOption = None,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Put a profile on a machine again.

    It keeps its host name and addresses, and loses what is on it.
    """
    from bearman_cli import deploy as body

    body.run_again(
        of(context),
        baremetal=baremetal,
        profile=profile,
        yes=yes,
        wait=body.Wait(wait or timeout_wait is not None, timeout_wait),
    )


def release(
    context: typer.Context,
    *,
    baremetal: BaremetalArgument,
    wait: WaitOption = False,
    timeout_wait: TimeoutWaitOption = None,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Switch a machine off and take it back.

    Its addresses are free again, and its node is READY. Also ends a deployment that is under way.
    """
    from bearman_cli import deploy_release as body
    from bearman_cli.deploy import Wait

    body.run(
        of(context),
        baremetal=baremetal,
        yes=yes,
        wait=Wait(wait or timeout_wait is not None, timeout_wait),
    )


def add_to(app: typer.Typer) -> None:
    """Give the program these verbs."""
    app.command()(deploy)
    app.command()(redeploy)
    app.command()(release)
