"""What `bearman-cli baremetal ssh` does."""

import json
import os
import shutil
import sys
from collections.abc import Sequence
from ipaddress import ip_address

from bearman_cli.baremetal_list import state_name
from bearman_cli.baremetal_show import get
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.errors import CliError, wrong_usage
from bearman_cli.exit_codes import ExitCode
from bearman_cli.options import Options
from protos.bearman.v1 import baremetal_pb2


def run(options: Options, *, baremetal: str, command: Sequence[str]) -> None:
    """Become ssh to that machine; with --json only write its command line."""
    found = get(Connection(options, OPERATOR), baremetal).baremetal
    address = _address(found)
    words = ["ssh", "--", f"root@{address}", *command]
    if options.notes.json:
        print(json.dumps({"address": address, "command": words}))
        return
    if found.state != baremetal_pb2.BAREMETAL_STATE_INSTALLED:
        options.notes.say(f"{found.hostname} is {state_name(found.state)}: it may not answer.")
    program = shutil.which("ssh")
    if program is None:
        raise wrong_usage("This machine has no program `ssh`.", f"Log in to root@{address}.")
    sys.stdout.flush()
    os.execv(program, words)  # noqa: S606, no shell is wanted


def _address(baremetal: baremetal_pb2.Baremetal) -> str:
    """The service address, which must be one: ssh would take other text for an option."""
    name, text = baremetal.hostname, baremetal.service_address
    if not text:
        raise CliError(
            ExitCode.REFUSED,
            f"{name} is {state_name(baremetal.state)} and has no service address.",
            f"See `bearman-cli baremetal show {name}`.",
        )
    try:
        return str(ip_address(text))
    except ValueError:
        raise CliError(
            ExitCode.UNEXPECTED, f"The server gives {name} the address {text!r}, which is none."
        ) from None
