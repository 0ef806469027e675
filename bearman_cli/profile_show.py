"""What `bearman-cli profile show` does."""

import json

from bearman_cli import render
from bearman_cli.as_json import as_dict
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.options import Options
from bearman_cli.profile_list import image_name
from bearman_cli.text import encodable
from protos.bearman.v1 import profiles_pb2, profiles_pb2_grpc

TIME = "%Y-%m-%d %H:%M:%S %Z"


def run(options: Options, *, profile: str) -> None:
    """Print one profile, whole."""
    found = Connection(options, OPERATOR).call(
        lambda channel: profiles_pb2_grpc.ProfileServiceStub(channel).GetProfile,
        profiles_pb2.GetProfileRequest(name=encodable(profile)),
    )
    if options.notes.json:
        print(json.dumps(as_dict(found)))
        return
    render.write(_summary(found.profile))
    for title, text in (
        ("Configuration", found.config_body),
        ("Install script", found.install_script),
    ):
        render.heading(title)
        render.text(text or "None.")


def _summary(profile: profiles_pb2.Profile) -> render.Table:
    return render.Table(
        (),
        [
            ("Profile", profile.name),
            ("Version", str(profile.version)),
            ("Format", profile.config_format),
            ("Image", image_name(profile)),
            ("Built", render.local_time(profile.image.built_at, TIME)),
            ("Size", render.memory(profile.image.size)),
            ("Root", "the image's squashfs" if profile.boots_root else "not from the image"),
            ("Append", profile.append),
            ("Machines", str(profile.machines)),
            ("Notes", profile.notes),
        ],
    )
