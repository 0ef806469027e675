"""What `bearman-cli image show` does."""

import json

from bearman_cli import render
from bearman_cli.as_json import as_dict
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.image_list import boot_size, label
from bearman_cli.options import Options
from bearman_cli.text import encodable
from protos.bearman.v1 import images_pb2 as pb
from protos.bearman.v1 import images_pb2_grpc

TIME = "%Y-%m-%d %H:%M:%S %Z"
FILES = ("FILE", "NAME", "SIZE", "SHA-256")


def run(options: Options, *, image: str) -> None:
    """Print one version, whole."""
    found = get(Connection(options, OPERATOR), image)
    if options.notes.json:
        print(json.dumps(as_dict(found)))
        return
    render.write(_summary(found.image, signed=bool(found.manifest)))
    render.heading("Files")
    rows = [
        (file.kind, file.name, render.memory(file.size), file.sha256) for file in found.image.files
    ]
    render.write(render.Table(FILES, rows, whole=(0, 3)))


def get(connection: Connection, image: str) -> pb.GetImageResponse:
    """Fetch NAME/VERSION, or the current version of NAME."""
    name, _, version = encodable(image).partition("/")
    return connection.call(
        lambda channel: images_pb2_grpc.ImageServiceStub(channel).GetImage,
        pb.GetImageRequest(name=name, version=version),
    )


def _summary(image: pb.Image, *, signed: bool) -> render.Table:
    unsigned = "no key that Bearman trusts" if signed else "nobody: it has no manifest"
    return render.Table(
        (),
        [
            ("Image", label(image)),
            ("Current", "yes" if image.current else "no"),
            ("Built", render.local_time(image.built_at, TIME)),
            ("Built from", image.built_from),
            ("Added", render.local_time(image.added_at, TIME)),
            ("Signed by", image.signed_by or unsigned),
            ("Size", render.memory(boot_size(image))),
            ("Packages", str(image.packages or "not known")),
            ("Profiles", " ".join(image.profiles)),
            ("Machines", str(image.machines)),
        ],
    )
