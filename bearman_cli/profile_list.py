"""What `bearman-cli profile list` does."""

import json

from bearman_cli import render
from bearman_cli.as_json import as_dict
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.options import Options
from protos.bearman.v1 import profiles_pb2, profiles_pb2_grpc

TITLES = ("PROFILE", "VERSION", "FORMAT", "IMAGE", "SIZE", "MACHINES", "NOTES")
OPTIONAL = [TITLES.index(title) for title in ("NOTES", "SIZE", "FORMAT")]


def run(options: Options) -> None:
    """Print all profiles in the order of their names."""
    found = Connection(options, OPERATOR).call(
        lambda channel: profiles_pb2_grpc.ProfileServiceStub(channel).ListProfiles,
        profiles_pb2.ListProfilesRequest(),
    )
    if options.notes.json:
        print(json.dumps(as_dict(found)))
    elif found.profiles:
        rows = [_row(profile) for profile in found.profiles]
        render.write(render.Table(TITLES, rows, whole=(0,), optional=OPTIONAL))
    else:
        options.notes.say("There are no profiles yet. An administrator makes them in the Admin.")


def _row(profile: profiles_pb2.Profile) -> tuple[str, ...]:
    return (
        profile.name,
        str(profile.version),
        profile.config_format,
        image_name(profile),
        render.memory(profile.image.size),
        str(profile.machines),
        profile.notes,
    )


def image_name(profile: profiles_pb2.Profile) -> str:
    """NAME/VERSION of its image, and whether it stays at that; empty where it has none."""
    if not profile.HasField("image"):
        return ""
    held = " (held)" if profile.held else ""
    return f"{profile.image.name}/{profile.image.version}{held}"
