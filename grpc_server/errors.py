"""The one place where errors become gRPC statuses, and where each call is bracketed."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import structlog
from django.db import InterfaceError, OperationalError, close_old_connections

from bearman.lib.errors import BearmanError

log = structlog.get_logger(__name__)

OURS = ("/bearman.", "/ipman.")
MAX_ADVICE = 1000  # characters; a client takes 8 KiB of metadata
MAX_CONVERSATIONS = 2  # of reflection: anybody may begin one, and each holds a thread

Method = Callable[[Any, grpc.ServicerContext], Any]


class DoorInterceptor(grpc.ServerInterceptor):
    """Maps errors to statuses with their sentence, and looks after the thread's connection."""

    def __init__(self) -> None:
        self._conversations = threading.BoundedSemaphore(MAX_CONVERSATIONS)

    def intercept_service(
        self,
        continuation: "Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler[Any, Any] | None]",
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Wrap the three kinds of methods that Bearman has; see grpc.ServerInterceptor."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None
        name = handler_call_details.method
        if handler.stream_stream:
            return grpc.stream_stream_rpc_method_handler(
                _few(handler.stream_stream, self._conversations),
                handler.request_deserializer,
                handler.response_serializer,
            )
        if not name.startswith(OURS):
            return handler  # health's own Watch holds no thread as long as it is left as it is
        for kind, wrap in _WRAPS.items():
            method = getattr(handler, kind)
            if method:
                made = getattr(grpc, f"{kind}_rpc_method_handler")
                return made(  # type: ignore[no-any-return]
                    wrap(method, name), handler.request_deserializer, handler.response_serializer
                )
        return handler


def _unary(method: Method, name: str) -> Method:
    def call(request: Any, context: grpc.ServicerContext) -> Any:
        close_old_connections()
        try:
            return method(request, context)
        except Exception as error:
            _abort(context, error, name)
        finally:
            close_old_connections()

    return call


def _stream(method: Method, name: str) -> Method:
    def call(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        close_old_connections()
        try:
            yield from method(request, context)
        except Exception as error:
            _abort(context, error, name)
        finally:
            close_old_connections()

    return call


# What Bearman's own methods are: of those that take one message, and of those that take many.
_WRAPS = {"unary_unary": _unary, "unary_stream": _stream, "stream_unary": _unary}


def _few(method: Method, room: threading.BoundedSemaphore) -> Method:
    def call(requests: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        if not room.acquire(blocking=False):
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "Too many ask for reflection now.")
        try:
            yield from method(requests, context)
        finally:
            room.release()

    return call


def _abort(context: grpc.ServicerContext, error: Exception, name: str) -> None:
    """End the call with the status that stands for `error`."""
    if isinstance(error, BearmanError):
        log.info("refused", method=name, code=error.code, reason=error.message)
        context.set_trailing_metadata(_trailing(error))
        context.abort(grpc.StatusCode[error.code], str(error))
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("database is away", method=name, error=str(error))
        context.abort(
            grpc.StatusCode.UNAVAILABLE, "Bearman's database does not answer; try again shortly."
        )
    log.exception("failed", method=name)
    context.abort(
        grpc.StatusCode.INTERNAL, "Bearman failed at this call; its log says why. Try again later."
    )


def _trailing(error: BearmanError) -> tuple[tuple[str, str | bytes], ...]:
    """Return what programs may want to know of an error; only `-bin` keys may hold any text."""
    sent: list[tuple[str, str | bytes]] = [("bearman-error", type(error).__name__)]
    if error.issue:
        sent.append(("bearman-issue", error.issue.code))
    if error.advice:
        sent.append(("bearman-advice-bin", error.advice[:MAX_ADVICE].encode()))
    return tuple(sent)
