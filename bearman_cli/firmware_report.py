"""What `bearman-cli firmware-report` does."""

from pathlib import Path

from bearman_cli import output_dir, verdict
from bearman_cli.connection import NODE, Connection
from bearman_cli.inventory import read_file
from bearman_cli.options import Options
from bearman_cli.register import checked_uuid
from bearman_cli.report import log_tail_or_note
from protos.bearman.v1 import firmware_pb2, firmware_pb2_grpc

FIELDS = ("apply", "passed")
READING_LIMIT = 64 * 1024  # bytes; firmware.proto, message ReportFirmwareRequest
OUTCOMES = {
    "read": firmware_pb2.FIRMWARE_OUTCOME_READ,
    "started": firmware_pb2.FIRMWARE_OUTCOME_STARTED,
    "applied": firmware_pb2.FIRMWARE_OUTCOME_APPLIED,
    "rebooting": firmware_pb2.FIRMWARE_OUTCOME_REBOOTING,
    "failed": firmware_pb2.FIRMWARE_OUTCOME_FAILED,
}


def run(
    options: Options,
    *,
    uuid: str,
    update_id: int,
    outcome: str,
    reading: str,
    exit_code: int,
    log_tail_file: str,
    folder: Path | None,
) -> None:
    """Say how an update goes; raises CliError where the server ends the registration with it."""
    request = firmware_pb2.ReportFirmwareRequest(
        uuid=checked_uuid(uuid),
        update_id=update_id,
        outcome=OUTCOMES[outcome],
        reading=read_file(reading)[:READING_LIMIT] if reading else b"",
        exit_code=exit_code,
        log_tail=log_tail_or_note(log_tail_file, options) if log_tail_file else "",
    )
    connection = Connection(options, NODE)
    with output_dir.answering(folder, FIELDS):
        response = connection.call(
            lambda channel: firmware_pb2_grpc.FirmwareServiceStub(channel).ReportFirmware, request
        )
        values = verdict.fields(response) | {"apply": response.apply}
    lines = ["The tool is to run." if response.apply else "Noted."]
    verdict.hand_out(response, values, options=options, folder=folder, lines=lines)
