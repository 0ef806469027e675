"""What `bearman-cli image list` does."""

import json

from bearman_cli import render
from bearman_cli.as_json import as_dict
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.options import Options
from bearman_cli.text import encodable
from protos.bearman.v1 import images_pb2 as pb
from protos.bearman.v1 import images_pb2_grpc

TITLES = (
    *("IMAGE", "VERSION", "CURRENT", "SIZE", "BUILT", "SIGNED BY", "PACKAGES", "PROFILES"),
    *("MACHINES", "BUILT FROM"),
)
OPTIONAL = [TITLES.index(title) for title in ("BUILT FROM", "PACKAGES", "SIGNED BY", "BUILT")]
BOOTED = {"kernel", "initramfs", "root"}


def run(options: Options, *, name: str) -> None:
    """Print all versions, or those of one image, which must exist."""
    found = Connection(options, OPERATOR).call(
        lambda channel: images_pb2_grpc.ImageServiceStub(channel).ListImages,
        pb.ListImagesRequest(name=encodable(name)),
    )
    if name and not found.images:
        raise CliError(
            ExitCode.NOT_FOUND,
            f"There is no image {name[:50]!r}.",
            "`bearman-cli image list` lists all.",
        )
    if options.notes.json:
        print(json.dumps(as_dict(found)))
    elif found.images:
        rows = [_row(image) for image in found.images]
        render.write(render.Table(TITLES, rows, whole=(0, 1), optional=OPTIONAL))
    else:
        options.notes.say(
            "There are no images yet. `python -m image_builder build RECIPE --publish` builds one, "
            "and `bearman image_add` on the server adds files."
        )


def label(image: pb.Image) -> str:
    """NAME/VERSION."""
    return f"{image.name}/{image.version}"


def boot_size(image: pb.Image) -> int:
    """Bytes of what machines boot: without the manifest and the list of packages."""
    return sum(file.size for file in image.files if file.kind in BOOTED)


def _row(image: pb.Image) -> tuple[str, ...]:
    return (
        image.name,
        image.version,
        "current" if image.current else "",
        render.memory(boot_size(image)),
        render.local_time(image.built_at, "%Y-%m-%d %H:%M"),
        image.signed_by,
        str(image.packages or ""),
        " ".join(image.profiles),
        str(image.machines),
        image.built_from,
    )
