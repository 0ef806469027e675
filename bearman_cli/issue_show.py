"""What `bearman-cli issue show` does."""

import json
from collections.abc import Sequence
from difflib import get_close_matches

from bearman_cli import render
from bearman_cli.as_json import as_dict
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.issue_list import catalogue, severity_name
from bearman_cli.options import Options
from protos.bearman.v1 import issues_pb2


def run(options: Options, *, code: str) -> None:
    """Print one entry; raises CliError for a code that the catalogue does not have."""
    entries = catalogue(options)
    wanted = code.strip().upper()
    entry = next((entry for entry in entries if entry.code == wanted), None)
    if entry is None:
        raise _unknown(wanted, entries)
    if options.notes.json:
        print(json.dumps(as_dict(entry)))
        return
    lines = (
        ("Code", entry.code),
        ("Title", entry.title),
        ("Severity", severity_name(entry.severity)),
        ("Area", entry.area),
        ("Meaning", entry.meaning),
        ("What to do", entry.advice),
    )
    render.write(render.Table((), lines))


def _unknown(wanted: str, entries: Sequence[issues_pb2.Issue]) -> CliError:
    near = get_close_matches(wanted, [entry.code for entry in entries], n=3)
    advice = f"Did you mean {' or '.join(near)}?" if near else "`issue list` lists them all."
    return CliError(ExitCode.NOT_FOUND, f"The catalogue has no code {wanted[:40]!r}.", advice)
