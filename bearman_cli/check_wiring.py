"""What `bearman-cli check-wiring` does."""

from pathlib import Path

from bearman_cli import output_dir, verdict
from bearman_cli.connection import NODE, Connection
from bearman_cli.errors import CliError, wrong_usage
from bearman_cli.exit_codes import ExitCode
from bearman_cli.inventory import INTERFACE_NAME_LIMIT, LIMIT, read_file
from bearman_cli.options import Options
from bearman_cli.register import checked_uuid
from protos.bearman.v1 import wiring_pb2, wiring_pb2_grpc

FIELDS = ("passed",)


def run(
    options: Options, *, uuid: str, lldp: str, ip_link: str, links: str, folder: Path | None
) -> None:
    """Send what the machine sees of its cables; raises CliError where the cables do not pass."""
    request = wiring_pb2.CheckWiringRequest(
        uuid=checked_uuid(uuid),
        lldp=read_file(lldp),
        ip_link=read_file(ip_link),
        links=map(_reading, _link_folders(links)),
    )
    _refuse_too_much(request)
    connection = Connection(options, NODE)
    with output_dir.answering(folder, FIELDS):
        response = connection.call(
            lambda channel: wiring_pb2_grpc.WiringServiceStub(channel).CheckWiring, request
        )
        values = verdict.fields(response)
    lines = verdict.finding_lines(response.findings) or ["The cables are as they should be."]
    verdict.hand_out(response, values, options=options, folder=folder, lines=lines)


def _link_folders(folder: str) -> list[Path]:
    """A folder for each interface, by name; hidden ones and plain files are none."""
    try:
        found = sorted(path for path in Path(folder).iterdir() if path.is_dir())
    except OSError as error:
        raise wrong_usage(f"{folder} cannot be read: {error.strerror}.") from None
    named = [path for path in found if not path.name.startswith(".")]
    for path in named:
        if len(path.name.encode()) > INTERFACE_NAME_LIMIT:
            raise wrong_usage(f"{path} is not named after a network interface.")
    return named


def _reading(folder: Path) -> wiring_pb2.LinkReading:
    """What there is of one interface; a program that gave nothing has left no file."""
    settings, module, complaint = (
        read_file(str(folder / name)) if (folder / name).exists() else b""
        for name in ("settings", "module", "module_error")
    )
    return wiring_pb2.LinkReading(
        interface=folder.name, settings=settings, module=module, module_error=complaint
    )


def _refuse_too_much(request: wiring_pb2.CheckWiringRequest) -> None:
    links = sum(len(each.settings + each.module + each.module_error) for each in request.links)
    if len(request.lldp) + len(request.ip_link) + links > LIMIT:
        raise CliError(
            ExitCode.REFUSED,
            "What the programs say of the cables is larger than 2 MiB.",
            "Nothing was sent. Look at those outputs: no healthy machine says so much.",
        )
