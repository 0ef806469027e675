"""What `bearman-cli image delete` does."""

import json

from bearman_cli import confirm, render
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.image_current import split
from bearman_cli.image_list import boot_size, label
from bearman_cli.image_show import get
from bearman_cli.options import Options
from bearman_cli.text import clean
from protos.bearman.v1 import images_pb2 as pb
from protos.bearman.v1 import images_pb2_grpc


def run(options: Options, *, image: str, yes: bool) -> None:
    """Delete just the version that was named."""
    name, version = split(image)
    connection = Connection(options, OPERATOR)
    found = get(connection, image).image
    size = render.memory(boot_size(found))
    confirm.require(f"Delete {label(found)} ({size}) from Bearman and its storage?", yes=yes)
    connection.call(
        lambda channel: images_pb2_grpc.ImageServiceStub(channel).DeleteImage,
        pb.DeleteImageRequest(name=name, version=version),
    )
    if options.notes.json:
        print(json.dumps({"deleted": label(found)}))
    else:
        print(clean(f"{label(found)} is deleted."))
