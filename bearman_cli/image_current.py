"""What `bearman-cli image promote` and `image roll-back` do."""

import json
import sys

from bearman_cli import confirm
from bearman_cli.as_json import as_dict
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.errors import wrong_usage
from bearman_cli.image_list import label
from bearman_cli.options import Options
from bearman_cli.text import clean, encodable
from protos.bearman.v1 import images_pb2 as pb
from protos.bearman.v1 import images_pb2_grpc

MOST_SHOWN = 20  # machines in the preview


def promote(options: Options, *, image: str, yes: bool, dry_run: bool) -> None:
    """Make a version the current one."""
    name, version = split(image)
    connection = Connection(options, OPERATOR)
    request = pb.PromoteImageRequest(name=name, version=version, dry_run=True)
    would = _promote(connection, request)
    if would.image.current:
        _done(options, would, "is the current version already")
        return
    _preview(would)
    if dry_run:
        _done(options, would, "would be the current version")
        return
    confirm.require(f"Make {label(would.image)} the current version?", yes=yes)
    request.dry_run = False
    _done(options, _promote(connection, request), "is the current version")


def roll_back(options: Options, *, name: str, yes: bool, dry_run: bool) -> None:
    """Make the version current that was current before; retries never go further than that."""
    connection = Connection(options, OPERATOR)
    request = pb.RollBackImageRequest(name=encodable(name), dry_run=True)
    would = _roll_back(connection, request)
    _preview(would)
    if dry_run:
        _done(options, would, "would be the current version again")
        return
    confirm.require(f"Go back from {would.before} to {label(would.image)}?", yes=yes)
    request.dry_run, request.to = False, would.image.version
    _done(options, _roll_back(connection, request), "is the current version again")


def split(image: str) -> tuple[str, str]:
    """Return name and version of NAME/VERSION; raises CliError for anything else."""
    name, _, version = encodable(image).partition("/")
    if not name or not version:
        raise wrong_usage(f"{image!r} is no NAME/VERSION.", "`bearman-cli image list` has them.")
    return name, version


def _promote(connection: Connection, request: pb.PromoteImageRequest) -> pb.PromoteImageResponse:
    return connection.call(
        lambda channel: images_pb2_grpc.ImageServiceStub(channel).PromoteImage, request
    )


def _roll_back(connection: Connection, request: pb.RollBackImageRequest) -> pb.PromoteImageResponse:
    return connection.call(
        lambda channel: images_pb2_grpc.ImageServiceStub(channel).RollBackImage, request
    ).promoted


def _preview(would: pb.PromoteImageResponse) -> None:
    """Say on stderr whom it concerns, whatever is asked or not asked then."""
    before = f" in place of {would.before}" if would.before else ""
    profiles = ", ".join(would.profiles) or "none"
    lines = [f"{label(would.image)} becomes current{before}.", f"Profiles that follow: {profiles}."]
    if would.machines:
        lines.append(
            f"{len(would.machines)} machines keep what they boot until they are redeployed:"
        )
        lines += [
            f"  {one.hostname}  {one.state}  {one.boots}" for one in would.machines[:MOST_SHOWN]
        ]
        if len(would.machines) > MOST_SHOWN:
            lines.append(f"  and {len(would.machines) - MOST_SHOWN} more")
    else:
        lines.append("No machine has one of these profiles.")
    print("\n".join(clean(line) for line in lines), file=sys.stderr, flush=True)


def _done(options: Options, answer: pb.PromoteImageResponse, words: str) -> None:
    if options.notes.json:
        print(json.dumps(as_dict(answer)))
    else:
        print(clean(f"{label(answer.image)} {words}."))
