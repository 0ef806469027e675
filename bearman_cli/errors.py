"""The one error that verbs raise: a sentence, what to do about it, and an exit code."""

from bearman_cli.exit_codes import ExitCode


class CliError(Exception):
    """Ends the program with `exit_code`; `message` and `advice` are whole sentences.

    `grpc_status` is the name of the status where the server's answer was the reason, `kind` the
    server's own name for it and `issue` its code in the issue catalogue, where it has one.
    """

    def __init__(
        self,
        exit_code: ExitCode,
        message: str,
        advice: str = "",
        *,
        grpc_status: str = "",
        kind: str = "",
        issue: str = "",
    ) -> None:
        super().__init__()
        self.exit_code = exit_code
        self.message = message
        self.advice = advice
        self.grpc_status = grpc_status
        self.kind = kind
        self.issue = issue

    def __str__(self) -> str:
        return self.message

    def as_dict(self) -> dict[str, object]:
        """The `error` object of `--json`; docs/cli.md lists its keys."""
        return {
            "exit_code": self.exit_code.value,
            "name": self.exit_code.name,
            "grpc_status": self.grpc_status or None,
            "message": self.message,
            "advice": self.advice or None,
            "issue": self.issue or None,
        }


def wrong_usage(message: str, advice: str = "") -> CliError:
    """An error that the caller can mend by typing something else."""
    return CliError(ExitCode.USAGE, message, advice)
