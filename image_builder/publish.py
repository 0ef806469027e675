"""Makes a finished image known to Bearman: begun, uploaded, completed, or given up as a whole."""

from dataclasses import dataclass

from bearman_cli.connection import Connection, Defaults
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode as CliCode
from bearman_cli.options import Options
from image_builder import manifest, signals, store, upload
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.progress import Progress
from image_builder.store import Stored
from protos.bearman.v1 import images_pb2 as pb
from protos.bearman.v1 import images_pb2_grpc

# CompleteImage reads gigabytes back; seconds for one call, and for retries of all.
PATIENT = Defaults(timeout=1800.0, retry_for=60.0)
DAMAGED = {"DATA_LOSS": ExitCode.DAMAGED, "RESOURCE_EXHAUSTED": ExitCode.NO_SPACE}
SAME = {code for code in CliCode if code.value <= CliCode.REFUSED} | {CliCode.INTERRUPTED}


@dataclass(frozen=True)
class Published:
    """What Bearman says of the image, and whether it was new to it."""

    image: pb.Image
    is_new: bool


def run(options: Options, stored: Stored, *, promote: bool, progress: Progress) -> Published:
    """Verify the files here, upload what Bearman has not, and complete. Twice is once."""
    try:
        connection = Connection(options, PATIENT)  # lacks a token before gigabytes are read
        with progress.step("Files verified"):
            store.verify(stored)
        return _publish(connection, stored, promote, progress)
    except CliError as error:
        raise translated(error) from None


def check(options: Options, name: str) -> None:
    """Raise BuildError where Bearman cannot be reached or knows no such token: before a build."""
    try:
        _list(Connection(options, PATIENT), name)
    except CliError as error:
        if error.grpc_status != "PERMISSION_DENIED":  # to look is not what it is needed for
            raise translated(error) from None


def current(options: Options) -> set[str]:
    """NAME/VERSION of each version that is current, or that something uses."""
    found = _list(Connection(options, PATIENT), "")
    return {
        f"{each.name}/{each.version}"
        for each in found
        if each.current or each.machines or each.profiles
    }


def _list(connection: Connection, name: str) -> list[pb.Image]:
    request = pb.ListImagesRequest(name=name)
    return list(
        connection.call(
            lambda channel: images_pb2_grpc.ImageServiceStub(channel).ListImages, request
        ).images
    )


def _publish(
    connection: Connection, stored: Stored, promote: bool, progress: Progress
) -> Published:
    begun = _begin(connection, stored)
    if not begun.upload:
        progress.note(f"Bearman has {stored} already.")
        return Published(_known(connection, stored, promote), is_new=False)
    try:
        for target in begun.targets:
            _check_target(stored, target)
            with progress.step(f"Uploaded {stored.manifest.files[target.kind].name}"):
                upload.send(connection, begun.upload, target, stored, progress)
        with progress.step("Completed"):
            request = pb.CompleteImageRequest(upload=begun.upload, promote=promote)
            done = connection.call(
                lambda channel: images_pb2_grpc.ImageServiceStub(channel).CompleteImage, request
            )
    except BaseException as error:
        with signals.shielded():
            _give_up(connection, begun.upload, error)
        raise
    return Published(done.image, is_new=True)


def _begin(connection: Connection, stored: Stored) -> pb.BeginImageResponse:
    signature = stored.folder / manifest.SIGNATURE
    request = pb.BeginImageRequest(
        manifest=(stored.folder / manifest.NAME).read_bytes(),
        signature=signature.read_text("ascii").strip() if signature.exists() else "",
    )
    return connection.call(
        lambda channel: images_pb2_grpc.ImageServiceStub(channel).BeginImage, request
    )


def _check_target(stored: Stored, target: pb.UploadTarget) -> None:
    if target.kind not in stored.manifest.files:
        raise BuildError(
            ExitCode.UNEXPECTED, f"Bearman asks for {target.kind!r}, which the image has not."
        )


def _known(connection: Connection, stored: Stored, promote: bool) -> pb.Image:
    name, version = stored.manifest.name, stored.manifest.version
    if promote:
        return connection.call(
            lambda channel: images_pb2_grpc.ImageServiceStub(channel).PromoteImage,
            pb.PromoteImageRequest(name=name, version=version),
        ).image
    return connection.call(
        lambda channel: images_pb2_grpc.ImageServiceStub(channel).GetImage,
        pb.GetImageRequest(name=name, version=version),
    ).image


def _give_up(connection: Connection, key: str, error: BaseException) -> None:
    """Have Bearman remove what came; where the way is broken, the next attempt goes on with it."""
    if isinstance(error, CliError) and error.exit_code == CliCode.UNREACHABLE:
        return
    if isinstance(error, BuildError) and error.exit_code is ExitCode.UNREACHABLE:
        return
    try:
        connection.once(
            lambda channel: images_pb2_grpc.ImageServiceStub(channel).AbortImage,
            pb.AbortImageRequest(upload=key),
            passing=frozenset(),
        )
    except CliError:  # it ends by itself after a day
        return


def translated(error: CliError) -> BuildError:
    """What bearman-cli's connection says, as this program says it."""
    code = ExitCode.FAILED
    if error.exit_code in SAME:
        code = ExitCode(error.exit_code.value)
    code = DAMAGED.get(error.grpc_status, code)
    return BuildError(code, error.message, error.advice)
