"""What `bearman-cli firmware-plan` does."""

from pathlib import Path

from bearman_cli import firmware_update, inventory, output_dir, verdict
from bearman_cli.connection import NODE, Connection
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.inventory import LIMIT, Outputs, read_file
from bearman_cli.options import Options
from bearman_cli.register import checked_uuid
from protos.bearman.v1 import firmware_pb2, firmware_pb2_grpc

FIELDS = ("passed", firmware_update.FOLDER)


def run(
    options: Options, *, uuid: str, outputs: Outputs, mc_info: str, folder: Path | None
) -> None:
    """Ask which updates are due; raises CliError where a finding ends the registration."""
    request = firmware_pb2.PlanFirmwareRequest(
        uuid=checked_uuid(uuid),
        inventory=inventory.read(outputs),
        mc_info=read_file(mc_info) if mc_info else b"",
    )
    if len(request.mc_info) > LIMIT:
        raise CliError(ExitCode.REFUSED, f"{mc_info} is larger than 2 MiB.", "Nothing was sent.")
    connection = Connection(options, NODE)
    with output_dir.answering(folder, FIELDS):
        response = connection.call(
            lambda channel: firmware_pb2_grpc.FirmwareServiceStub(channel).PlanFirmware, request
        )
        values = verdict.fields(response)
        updates = firmware_update.checked(response.updates)
    if folder:
        firmware_update.write(folder, updates)
    lines = verdict.finding_lines(response.findings) + [_line(each) for each in response.updates]
    verdict.hand_out(
        response,
        values,
        options=options,
        folder=folder,
        lines=lines or ["The firmware is as it should be."],
    )


def _line(update: firmware_pb2.FirmwareUpdate) -> str:
    """The update in words; as safe as firmware_update has found it."""
    texts = firmware_update.texts(update)
    before = texts["from_version"] or "a version that only its tool can read"
    return f"Update {update.id}: {texts['title']} from {before} to {texts['wanted_version']}."
