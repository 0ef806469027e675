"""What `bearman-cli issue list` does."""

import json
from collections.abc import Sequence

from bearman_cli import render
from bearman_cli.as_json import as_dict, enum_name
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.options import Options
from protos.bearman.v1 import issues_pb2, issues_pb2_grpc

TITLES = ("CODE", "SEVERITY", "AREA", "TITLE")


def run(options: Options, *, area: str) -> None:
    """Print the entries of an area, or all; raises CliError for an area that there is not."""
    entries = catalogue(options)
    wanted = area.strip().casefold()
    found = [entry for entry in entries if wanted in ("", *_names(entry))]
    if wanted and not found:
        raise CliError(
            ExitCode.NOT_FOUND,
            f"The catalogue has no area {area!r}.",
            f"Areas: {', '.join(dict.fromkeys(entry.area for entry in entries))}.",
        )
    if options.notes.json:
        print(json.dumps({"issues": [as_dict(entry) for entry in found]}))
    else:
        render.write(render.Table(TITLES, [_row(entry) for entry in found], whole=(0, 1)))


def catalogue(options: Options) -> Sequence[issues_pb2.Issue]:
    """The whole catalogue, as the server has it."""
    answer = Connection(options, OPERATOR).call(
        lambda channel: issues_pb2_grpc.IssueServiceStub(channel).ListIssues,
        issues_pb2.ListIssuesRequest(),
    )
    return answer.issues


def severity_name(severity: int) -> str:
    """`error`, `warning` or `note`; the number of one that this program does not know."""
    return (enum_name(issues_pb2.Severity.DESCRIPTOR, severity) or "").lower()


def _names(entry: issues_pb2.Issue) -> tuple[str, str]:
    """What an area may be called: its title, or what its codes begin with."""
    return entry.area.casefold(), entry.code.partition("-")[0].casefold()


def _row(entry: issues_pb2.Issue) -> tuple[str, ...]:
    return entry.code, severity_name(entry.severity), entry.area, entry.title
