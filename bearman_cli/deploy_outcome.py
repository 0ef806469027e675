"""Says how a deployment or a release ended, or that it has begun."""

import json

from bearman_cli.as_json import as_dict
from bearman_cli.baremetal_list import state_name
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.notes import Notes
from bearman_cli.text import clean
from protos.bearman.v1 import baremetal_pb2 as pb


def begun(notes: Notes, baremetal: pb.Baremetal) -> None:
    """Print where it is; the work goes on without us."""
    if notes.json:
        print(json.dumps(as_dict(baremetal)))
        return
    name = baremetal.hostname
    print(clean(f"{_who(baremetal)} is {state_name(baremetal.state)}."))
    notes.say(f"`bearman-cli baremetal wait {name}` follows it to its end.")


def ended(notes: Notes, baremetal: pb.Baremetal, log: str, *good: int) -> None:
    """Print how it ended; raises CliError unless it is in one of the `good` states."""
    if notes.json:
        print(json.dumps(as_dict(baremetal)), flush=True)
    if baremetal.state not in good:
        notes.log("the last lines of what failed:", log)
        raise _failed(baremetal)
    if not notes.json:
        print(clean(_in_words(baremetal)))


def _in_words(baremetal: pb.Baremetal) -> str:
    words = f"{_who(baremetal)} is {state_name(baremetal.state)}"
    if baremetal.state == pb.BAREMETAL_STATE_INSTALLED and baremetal.service_address:
        return f"{words}: log in with `bearman-cli baremetal ssh {baremetal.hostname}`."
    return f"{words}."


def _who(baremetal: pb.Baremetal) -> str:
    details = filter(None, (baremetal.service_address, baremetal.profile, baremetal.node_label))
    return f"{baremetal.hostname} ({', '.join(details)})"


def _failed(baremetal: pb.Baremetal) -> CliError:
    step = f" in step {baremetal.step}" if baremetal.step else ""
    reason = f": {baremetal.reason}" if baremetal.reason else "."
    if not reason.endswith((".", "!", "?")):
        reason += "."
    message = f"{baremetal.hostname} is {state_name(baremetal.state)}{step}{reason}"
    return CliError(ExitCode.FAILED, message, baremetal.advice, issue=baremetal.issue)
