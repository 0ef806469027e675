"""What the server finds of a machine's cables and firmware, for people, programs and shells."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from bearman_cli import answer, output_dir
from bearman_cli.answer import Value
from bearman_cli.as_json import as_dict, enum_name, status_name
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.options import Options
from bearman_cli.text import clean
from protos.bearman.v1 import firmware_pb2, issues_pb2, wiring_pb2

Verdict = (
    wiring_pb2.CheckWiringResponse
    | firmware_pb2.PlanFirmwareResponse
    | firmware_pb2.ReportFirmwareResponse
)
STATUSES = {"REGISTERING", "REGISTER_FAILED"}


def fields(verdict: Verdict) -> dict[str, Value]:
    """The checked values that every verdict has."""
    status = status_name(verdict.status)
    if status not in STATUSES:
        raise answer.unusable("status", str(status))
    words = answer.words(verdict.reason, verdict.advice, verdict.issue)
    return words | {"passed": verdict.passed, "status": status}


def hand_out(
    response: Verdict,
    values: Mapping[str, Value],
    *,
    options: Options,
    folder: Path | None,
    lines: Sequence[str],
) -> None:
    """Write files for a shell and JSON or `lines` to stdout; raises CliError if it did not pass."""
    if folder:
        output_dir.write(folder, values)
    print(json.dumps(as_dict(response)) if options.notes.json else "\n".join(lines))
    if not values["passed"]:
        raise CliError(
            ExitCode.NOT_PASSED,
            str(values["reason"] or "Bearman ends the registration of this machine."),
            str(values["advice"] or ""),
            issue=str(values["issue"] or ""),
        )


def finding_lines(findings: Sequence[issues_pb2.Finding]) -> list[str]:
    """A line for each finding, in words."""
    return [
        " ".join(
            clean(word)
            for word in (
                enum_name(issues_pb2.Severity.DESCRIPTOR, finding.severity) or "",
                finding.code,
                finding.message,
                finding.advice,
            )
            if word
        )
        for finding in findings
    ]
