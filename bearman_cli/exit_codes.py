"""The exit codes of bearman-cli, and which gRPC status ends in which."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a script may rely on; docs/cli.md shows the same table."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    UNREACHABLE = 3
    DENIED = 4
    NOT_FOUND = 5
    REFUSED = 6
    QUARANTINED = 7
    NOT_PROVEN = 8
    NO_ADDRESS = 9
    FAILED = 10
    WAIT_OVER = 11
    NOT_PASSED = 12
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.UNEXPECTED: "an error that nobody foresaw, here or in the server",
    ExitCode.USAGE: "wrong options, or a file that cannot be read or written",
    ExitCode.UNREACHABLE: "the server did not answer within the time for retries",
    ExitCode.DENIED: "no token, or one that is unknown, ended or not allowed to do this",
    ExitCode.NOT_FOUND: "there is no such thing",
    ExitCode.REFUSED: "the server refused the request as it is",
    ExitCode.QUARANTINED: "the node is quarantined",
    ExitCode.NOT_PROVEN: "Bearman could not control the machine through its BMC",
    ExitCode.NO_ADDRESS: "no address is left, or another limit of the server is reached",
    ExitCode.FAILED: "what was asked for began, and ended in an error",
    ExitCode.WAIT_OVER: "the time for waiting is up; what was asked for goes on",
    ExitCode.NOT_PASSED: "Bearman found something that ends the registration of this machine",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C, or answered with no",
}

# Every status but OK, by its name in google.rpc.Code (google/rpc/code.proto).
BY_GRPC_STATUS = {
    "CANCELLED": ExitCode.UNREACHABLE,
    "UNKNOWN": ExitCode.UNEXPECTED,
    "INVALID_ARGUMENT": ExitCode.REFUSED,
    "DEADLINE_EXCEEDED": ExitCode.UNREACHABLE,
    "NOT_FOUND": ExitCode.NOT_FOUND,
    "ALREADY_EXISTS": ExitCode.REFUSED,
    "PERMISSION_DENIED": ExitCode.DENIED,
    "RESOURCE_EXHAUSTED": ExitCode.NO_ADDRESS,
    "FAILED_PRECONDITION": ExitCode.REFUSED,
    "ABORTED": ExitCode.REFUSED,
    "OUT_OF_RANGE": ExitCode.REFUSED,
    "UNIMPLEMENTED": ExitCode.UNEXPECTED,
    "INTERNAL": ExitCode.UNEXPECTED,
    "UNAVAILABLE": ExitCode.UNREACHABLE,
    "DATA_LOSS": ExitCode.UNEXPECTED,
    "UNAUTHENTICATED": ExitCode.DENIED,
}


def help_text() -> str:
    """The table for the end of `--help`; `\\b` keeps click from joining its lines."""
    lines = [f"{code.value:>5}  {meaning}" for code, meaning in MEANINGS.items()]
    return "\n".join(["\b", "Exit codes:", *lines])
