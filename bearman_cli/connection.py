"""A connection to Bearman: one call, with its token, its time limit and its retries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import grpc

from bearman_cli import endpoint, retry, rpc_errors, tokens
from bearman_cli.notes import Notes
from bearman_cli.options import Options

Request = TypeVar("Request")
Response = TypeVar("Response")
if TYPE_CHECKING:  # grpc's own classes know of no type arguments
    Method = Callable[[grpc.Channel], grpc.UnaryUnaryMultiCallable[Request, Response]]

# https://github.com/grpc/grpc/blob/master/include/grpc/impl/channel_arg_names.h
CHANNEL_OPTIONS = (
    ("grpc.enable_http_proxy", 0),  # Bearman is inside; a proxy for the Internet is not the way
    ("grpc.use_local_subchannel_pool", 1),  # a new channel tries at once, not when an old one would
    # Notices a server that vanished without a word, also while a watch is silent. A gRPC server
    # hangs up on pings that come more often than each 300 s, unless it was told otherwise.
    ("grpc.keepalive_time_ms", 310_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
)


@dataclass(frozen=True)
class Defaults:
    """What holds where the user gave no --timeout and no --retry-for; seconds."""

    timeout: float = 30.0
    retry_for: float = 10.0
    home_file: bool = True  # whether the token may come from the user's home


NODE = Defaults(retry_for=300.0, home_file=False)
OPERATOR = Defaults()


class Connection:
    """Opens a fresh channel for each attempt, so that a server that is back is found at once."""

    def __init__(self, options: Options, defaults: Defaults) -> None:
        self.endpoint = endpoint.parse(options.server)
        roots = endpoint.trusted_roots(self.endpoint, options)
        self._credentials = grpc.ssl_channel_credentials(roots) if roots else None
        self.notes: Notes = options.notes
        token = tokens.read(options.notes, home_file=defaults.home_file)
        self.metadata = (("authorization", f"Bearer {token}"),)
        self.timeout = defaults.timeout if options.timeout is None else options.timeout
        self.retry_for = defaults.retry_for if options.retry_for is None else options.retry_for

    def open(self) -> grpc.Channel:
        """A new channel; close it, or use it in a `with`."""
        target = f"dns:///{self.endpoint}"
        if self._credentials:
            return grpc.secure_channel(target, self._credentials, options=CHANNEL_OPTIONS)
        return grpc.insecure_channel(target, options=CHANNEL_OPTIONS)

    def once(
        self,
        method: Method[Request, Response],
        request: Request,
        *,
        passing: frozenset[grpc.StatusCode] = rpc_errors.PASSING,
    ) -> Response:
        """One attempt; raises TryAgain for a status in `passing` and CliError for any other."""
        with self.open() as channel:
            try:
                return method(channel)(request, timeout=self.timeout, metadata=self.metadata)
            except grpc.RpcError as error:
                raise rpc_errors.translate(error, self.endpoint, passing) from None

    def call(self, method: Method[Request, Response], request: Request) -> Response:
        """Attempts until there is an answer; only for calls that may safely be repeated."""
        return retry.until_done(
            lambda: self.once(method, request), retry_for=self.retry_for, notes=self.notes
        )
