"""The verbs that the scripts of stage one use."""
# ruff: noqa: PLC0415 - gRPC is loaded only by the verb that runs, so that help is fast

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bearman_cli.options import JsonOption, of

UuidOption = Annotated[
    str,
    typer.Option(envvar="BEARMAN_UUID", metavar="UUID", help="SMBIOS UUID of this machine."),
]
AddressOption = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS", help="This machine's own IP address, for people who want to SSH to it."
    ),
]
DmidecodeOption = Annotated[str, typer.Option(metavar="FILE", help="Output of `dmidecode`.")]
LsblkOption = Annotated[str, typer.Option(metavar="FILE", help="Output of `lsblk --json --bytes`.")]
IpLinkOption = Annotated[
    str, typer.Option(metavar="FILE", help="Output of `ip -json -details link`.")
]
EthtoolOption = Annotated[
    str,
    typer.Option(
        metavar="DIR", help="Folder with the output of `ethtool -i` in a file per interface."
    ),
]
OutputDirOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write each value of the answer to a file here."),
]


class Outcome(StrEnum):
    """How a step went."""

    PROGRESS = "progress"
    FAILED = "failed"


def register(
    context: typer.Context,
    *,
    dmidecode: DmidecodeOption,
    lsblk: LsblkOption,
    ip_link: IpLinkOption,
    ethtool: EthtoolOption = "",
    uuid: UuidOption = "",
    address: AddressOption = "",
    output_dir: OutputDirOption = None,
    json: JsonOption = False,
) -> None:
    """Make this machine known to Bearman.

    The answer says how its BMC must be set. FILE may be `-` for standard input.
    Exit code 7 means that the node is quarantined.
    """
    from bearman_cli import register as body
    from bearman_cli.inventory import Outputs

    outputs = Outputs(dmidecode=dmidecode, lsblk=lsblk, ip_link=ip_link, ethtool=ethtool)
    body.run(of(context), uuid=uuid, outputs=outputs, address=address, folder=output_dir)


def bmc_configured(
    context: typer.Context,
    *,
    uuid: UuidOption = "",
    output_dir: OutputDirOption = None,
    json: JsonOption = False,
) -> None:
    """Have Bearman prove that it controls this machine.

    To be called when the BMC is set; waits for the proof. Exit code 8 means that there is none.
    """
    from bearman_cli import bmc_configured as body

    body.run(of(context), uuid=uuid, folder=output_dir)


def report(
    context: typer.Context,
    *,
    step: Annotated[str, typer.Option(metavar="STEP", help="Name of the step.")],
    outcome: Annotated[Outcome, typer.Option(help="How it went.")],
    message: Annotated[str, typer.Option(metavar="TEXT", help="One sentence.")] = "",
    log_tail_file: Annotated[
        str, typer.Option(metavar="FILE", help="A log; its last 16 KiB are sent.")
    ] = "",
    issue: Annotated[
        str, typer.Option(metavar="CODE", help="What failed, in the issue catalogue.")
    ] = "",
    advice: Annotated[
        str, typer.Option(metavar="TEXT", help="What to do, if not what the catalogue says.")
    ] = "",
    uuid: UuidOption = "",
    address: AddressOption = "",
    json: JsonOption = False,
) -> None:
    """Say how a step of a script went.

    Progress keeps the deadline away; a failure ends the registration.
    """
    from bearman_cli import report as body

    body.run(
        of(context),
        uuid=uuid,
        step=step,
        outcome=outcome.value,
        message=message,
        log_tail_file=log_tail_file,
        address=address,
        issue=issue,
        advice=advice,
    )


def add_to(app: typer.Typer) -> None:
    """Give the program these verbs."""
    app.command()(register)
    app.command()(bmc_configured)
    app.command()(report)
