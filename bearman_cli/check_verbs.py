"""The verbs with which stage one has its cables and its firmware checked."""
# ruff: noqa: PLC0415 - gRPC is loaded only by the verb that runs, so that help is fast

from enum import StrEnum
from typing import Annotated

import typer

from bearman_cli.node_verbs import (
    DmidecodeOption,
    EthtoolOption,
    IpLinkOption,
    LsblkOption,
    OutputDirOption,
    UuidOption,
)
from bearman_cli.options import JsonOption, of


class FirmwareOutcome(StrEnum):
    """How an update goes."""

    READ = "read"
    STARTED = "started"
    APPLIED = "applied"
    REBOOTING = "rebooting"
    FAILED = "failed"


def check_wiring(
    context: typer.Context,
    *,
    lldp: Annotated[
        str,
        typer.Option(metavar="FILE", help="Output of `lldpcli -f json show neighbors details`."),
    ],
    ip_link: IpLinkOption,
    links: Annotated[
        str,
        typer.Option(
            metavar="DIR",
            help="A folder per interface with `settings` (of `ethtool IF`), `module` and "
            "`module_error` (of `ethtool -m IF`).",
        ),
    ],
    uuid: UuidOption = "",
    output_dir: OutputDirOption = None,
    json: JsonOption = False,
) -> None:
    """Have Bearman compare the cables of this machine with the wiring plan.

    Exit code 12 means that what it found ends the registration.
    """
    from bearman_cli import check_wiring as body

    body.run(of(context), uuid=uuid, lldp=lldp, ip_link=ip_link, links=links, folder=output_dir)


def firmware_plan(
    context: typer.Context,
    *,
    dmidecode: DmidecodeOption,
    lsblk: LsblkOption,
    ip_link: IpLinkOption,
    ethtool: EthtoolOption = "",
    mc_info: Annotated[
        str, typer.Option(metavar="FILE", help="Output of `ipmitool mc info`.")
    ] = "",
    uuid: UuidOption = "",
    output_dir: OutputDirOption = None,
    json: JsonOption = False,
) -> None:
    """Ask which firmware updates this machine must do now.

    DIR/updates has a folder for each, 001 the first. Exit code 12 means that a finding ends the
    registration.
    """
    from bearman_cli import firmware_plan as body
    from bearman_cli.inventory import Outputs

    outputs = Outputs(dmidecode=dmidecode, lsblk=lsblk, ip_link=ip_link, ethtool=ethtool)
    body.run(of(context), uuid=uuid, outputs=outputs, mc_info=mc_info, folder=output_dir)


def firmware_report(
    context: typer.Context,
    update_id: Annotated[int, typer.Argument(metavar="UPDATE_ID", min=1)],
    *,
    outcome: Annotated[FirmwareOutcome, typer.Option(help="How it goes.")],
    reading: Annotated[
        str, typer.Option(metavar="FILE", help="What the reader of the version printed.")
    ] = "",
    exit_code: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Exit code of the tool; 124: it did not end in time, 125: no file, 126: not run.",
        ),
    ] = 0,
    log_tail: Annotated[
        str, typer.Option(metavar="FILE", help="A log; its last 16 KiB are sent.")
    ] = "",
    uuid: UuidOption = "",
    output_dir: OutputDirOption = None,
    json: JsonOption = False,
) -> None:
    """Say how a firmware update of this machine goes.

    DIR/apply says whether the tool is to run. Exit code 12 means that the registration ends here.
    """
    from bearman_cli import firmware_report as body

    body.run(
        of(context),
        uuid=uuid,
        update_id=update_id,
        outcome=outcome.value,
        reading=reading,
        exit_code=exit_code,
        log_tail_file=log_tail,
        folder=output_dir,
    )


def add_to(app: typer.Typer) -> None:
    """Give the program these verbs."""
    app.command()(check_wiring)
    app.command()(firmware_plan)
    app.command()(firmware_report)
