"""Turns what gRPC says went wrong into a sentence, advice and an exit code."""

import re

import grpc

from bearman_cli.endpoint import Endpoint
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import BY_GRPC_STATUS, ExitCode
from bearman_cli.retry import TryAgain

# A server that is away, restarting or overloaded. CANCELLED: this program never cancels a call,
# so it is a server (or a proxy) that dropped the call while it stopped.
PASSING = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
    }
)

# How gRPC Core 1.8x words a TLS handshake that no repetition can mend.
DISTRUST = re.compile(r"TSI_PROTOCOL_FAILURE|Hostname Verification|security handshaker")
# Keys in the trailing metadata, and what a code of the issue catalogue looks like.
KIND, ISSUE, SERVERS_ADVICE = "bearman-error", "bearman-issue", "bearman-advice-bin"
CODE = re.compile(r"[A-Z]{2,5}-[0-9]{3}")
ADVICE = {
    ExitCode.DENIED: "Check the token and its rights.",
    ExitCode.UNREACHABLE: "Check --server, and that Bearman runs.",
    ExitCode.UNEXPECTED: "The server's log says more.",
}


def translate(
    error: grpc.RpcError, endpoint: Endpoint, passing: frozenset[grpc.StatusCode] = PASSING
) -> CliError | TryAgain:
    """The exception to raise: TryAgain where the same call may succeed a little later."""
    status, details = error.code(), (error.details() or "").strip()
    if status is grpc.StatusCode.UNAVAILABLE and DISTRUST.search(details):
        return _distrust(endpoint, details)
    exit_code = BY_GRPC_STATUS[status.name]
    sent = _sent(error)
    advice = sent.get(SERVERS_ADVICE, "")
    translated = CliError(
        exit_code,
        # The server's details end with its advice, for clients that look at nothing else.
        _sentence(status, details.removesuffix(advice).strip(), endpoint),
        advice or ADVICE.get(exit_code, ""),
        grpc_status=status.name,
        kind=sent.get(KIND, ""),
        issue=checked_code(sent.get(ISSUE, "")),
    )
    return TryAgain(translated) if status in passing else translated


def checked_code(text: str) -> str:
    """The code of the issue catalogue if it could be one; else nothing."""
    return text if CODE.fullmatch(text) else ""


def _sent(error: grpc.RpcError) -> dict[str, str]:
    """What Bearman sends behind its answer: its own name for the error, its code, its advice."""
    return {each.key: _text(each.value) for each in error.trailing_metadata() or ()}


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _sentence(status: grpc.StatusCode, details: str, endpoint: Endpoint) -> str:
    if status is grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"{endpoint} did not answer in time."
    if BY_GRPC_STATUS[status.name] is ExitCode.UNREACHABLE:
        return f"{endpoint} is not available: {_kernel(details)}."
    return details or f"The server answered {status.name} without a word of why."


def _kernel(details: str) -> str:
    """gRPC Core's "failed to connect to all addresses; last error: ...: WHY" cut to WHY."""
    shell = re.match(r"(failed to connect to all addresses|errors resolving)", details)
    return (details.rsplit(": ", 1)[-1] if shell else details).rstrip(".]") or "no reason given"


def _distrust(endpoint: Endpoint, details: str) -> CliError:
    if "WRONG_VERSION_NUMBER" in details:  # BoringSSL's word for an answer that is not TLS
        reason = f"{endpoint} does not speak TLS."
        advice = "Leave out --ca and --tls, or check the port."
    else:
        reason = f"The certificate of {endpoint} is not trusted: {_kernel_of_tls(details)}."
        advice = "Check --ca, the name in --server, and this machine's clock."
    return CliError(ExitCode.UNREACHABLE, reason, advice, grpc_status="UNAVAILABLE")


def _kernel_of_tls(details: str) -> str:
    return details.removesuffix(": OK").rsplit(": ", 1)[-1].rstrip(".")
