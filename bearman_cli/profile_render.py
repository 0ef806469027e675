"""What `bearman-cli profile render` does."""

import json

from bearman_cli import render
from bearman_cli.as_json import as_dict
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.options import Options
from bearman_cli.text import encodable
from protos.bearman.v1 import profiles_pb2, profiles_pb2_grpc


def run(options: Options, *, profile: str, node: str) -> None:
    """Print the rendered files; raises CliError where the format's checker finds them wrong."""
    found = Connection(options, OPERATOR).call(
        lambda channel: profiles_pb2_grpc.ProfileServiceStub(channel).RenderProfile,
        profiles_pb2.RenderProfileRequest(name=encodable(profile), node=encodable(node)),
    )
    if options.notes.json:
        print(json.dumps(as_dict(found)), flush=True)
    else:
        _write(found)
    if found.problems:
        raise _refused(found, profile, node)
    if found.files:
        options.notes.say(_checked(found))


def _write(found: profiles_pb2.RenderProfileResponse) -> None:
    print("Kernel command line:")
    render.text(found.append or "None.")
    for file in found.files:
        render.heading(f"{file.name}:")
        render.text(file.text)


def _checked(found: profiles_pb2.RenderProfileResponse) -> str:
    if found.checker:
        return f"{found.checker} finds nothing wrong."
    return "The server has no checker for this format: nobody has checked it."


def _refused(found: profiles_pb2.RenderProfileResponse, profile: str, node: str) -> CliError:
    first, rest = found.problems[0].rstrip("."), len(found.problems) - 1
    more = f" And {rest} more." if rest else ""
    checker = f" ({found.checker})" if found.checker else ""
    return CliError(
        ExitCode.REFUSED,
        f"{profile} cannot be deployed on {node}: {first}{checker}.{more}",
        "Mend the profile in the Admin.",
    )
