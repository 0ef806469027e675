"""What `bearman-cli image diff` does."""

import json

from bearman_cli import render
from bearman_cli.as_json import as_dict
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.options import Options
from bearman_cli.text import clean, encodable
from protos.bearman.v1 import images_pb2 as pb
from protos.bearman.v1 import images_pb2_grpc

TITLES = ("PACKAGE", "CHANGE", "BEFORE", "AFTER")


def run(options: Options, *, before: str, after: str) -> None:
    """Print each package that is not the same, and how many there are of each kind."""
    request = pb.DiffImagesRequest(
        before=encodable(before), after=encodable(after or before.partition("/")[0])
    )
    found = Connection(options, OPERATOR).call(
        lambda channel: images_pb2_grpc.ImageServiceStub(channel).DiffImages, request
    )
    if options.notes.json:
        print(json.dumps(as_dict(found)))
        return
    if found.packages:
        rows = [(one.name, _kind(one), one.before, one.after) for one in found.packages]
        render.write(render.Table(TITLES, rows, whole=(0,)))
    options.notes.say(clean(_summary(found)))


def _kind(change: pb.PackageChange) -> str:
    if not change.before:
        return "added"
    return "changed" if change.after else "removed"


def _summary(found: pb.DiffImagesResponse) -> str:
    between = f"from {found.before} to {found.after}"
    if not found.packages:
        return f"Nothing changes {between}: they have the same packages. {_growth(found.growth)}"
    kinds = [_kind(one) for one in found.packages]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("added", "removed", "changed"))
    return f"{counts} {between}. {_growth(found.growth)}"


def _growth(growth: int) -> str:
    if not growth:
        return "They are of one size."
    return f"It is {render.memory(abs(growth))} {'larger' if growth > 0 else 'smaller'}."
