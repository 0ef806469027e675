"""An IPman behind gRPC."""

import json
from collections.abc import Callable
from typing import Any

import grpc

from bearman.lib.errors import (
    BearmanError,
    Busy,
    Conflict,
    Invalid,
    NotFound,
    PoolExhausted,
    Unavailable,
)
from bearman.lib.issues import addresses, issue_or_none
from ipman.services import AllocatedAddress
from ipman.transactions import refuse_inside_transaction
from ipman.wire import address_in, purpose_out
from protos.ipman.v1 import ipman_pb2 as pb
from protos.ipman.v1.ipman_pb2_grpc import IpmanServiceStub

DEADLINE_SECONDS = 5.0

# https://grpc.io/docs/guides/retry: gRPC itself adds the jitter. Repeating is safe, since each
# call names its owner and key; the deadline bounds all attempts together.
_SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [{"service": "ipman.v1.IpmanService"}],
            "waitForReady": True,
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}
# https://github.com/grpc/grpc/blob/master/include/grpc/impl/channel_arg_names.h
_OPTIONS = (
    ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
    ("grpc.enable_http_proxy", 0),  # IPman is inside; a proxy for the Internet is not the way
    ("grpc.max_reconnect_backoff_ms", 1000),  # an IPman that is back is found within a deadline
    ("grpc.keepalive_time_ms", 60_000),
)
_ERRORS: dict[grpc.StatusCode, type[BearmanError]] = {
    grpc.StatusCode[error.code]: error
    for error in (Invalid, NotFound, Conflict, PoolExhausted, Busy)
}


class RemoteIpman:
    """Speaks ipman.v1.IpmanService; `roots` (PEM) are the CAs to trust, None for no TLS."""

    def __init__(self, target: str, *, token: str, roots: bytes | None = None) -> None:
        self._target = target
        self._metadata = (("authorization", f"Bearer {token}"),)
        if roots is None:
            channel = grpc.insecure_channel(target, options=_OPTIONS)
        else:
            credentials = grpc.ssl_channel_credentials(roots)
            channel = grpc.secure_channel(target, credentials, options=_OPTIONS)
        self._stub = IpmanServiceStub(channel)

    def allocate(
        self,
        *,
        zone: str,
        purpose: str,
        owner: str,
        key: str = "",
        family: int = 0,
        pool: str = "",
    ) -> AllocatedAddress:
        """See ipman.services.address_allocate; raises Unavailable where IPman is away."""
        answer = self._call(
            self._stub.Allocate,
            pb.AllocateRequest(
                zone=zone,
                purpose=purpose_out(purpose),
                owner=owner,
                key=key,
                family=family,
                pool=pool,
            ),
        )
        return address_in(answer.address, created=answer.created)

    def release(self, *, owner: str, key: str = "") -> list[str]:
        """See ipman.services.address_release; raises Unavailable where IPman is away."""
        answer = self._call(self._stub.Release, pb.ReleaseRequest(owner=owner, key=key))
        return list(answer.addresses)

    def reserve(self, *, address: str, owner: str, key: str = "") -> AllocatedAddress:
        """See ipman.services.address_reserve; raises Unavailable where IPman is away."""
        request = pb.ReserveRequest(address=address, owner=owner, key=key)
        answer = self._call(self._stub.Reserve, request)
        return address_in(answer.address, created=answer.created)

    def _call(self, method: Callable[..., Any], request: Any) -> Any:
        refuse_inside_transaction()
        try:
            return method(request, timeout=DEADLINE_SECONDS, metadata=self._metadata)
        except grpc.RpcError as error:
            raise self._translated(error) from error

    def _translated(self, error: grpc.RpcError) -> BearmanError:
        """Return the error that IPman raised, or Unavailable for what is no answer of IPman's."""
        status, details = error.code(), error.details() or ""
        if status in _ERRORS:
            return _same(_ERRORS[status], error)
        if status in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
            # Not the caller's own token: whoever registers a node can do nothing about it.
            return Unavailable(
                f"IPman at {self._target} refuses Bearman: {details}",
                issue=addresses.IPMAN_REFUSES,
            )
        return Unavailable(
            f"IPman at {self._target} gave no answer ({status.name}: {details}).",
            issue=addresses.IPMAN_AWAY,
        )


def _same(kind: type[BearmanError], error: grpc.RpcError) -> BearmanError:
    """Return the error as IPman had it: it sends advice and entry behind its answer too."""
    sent = {each.key: each.value for each in error.trailing_metadata() or ()}
    advice = sent.get("bearman-advice-bin", b"")
    words = advice.decode(errors="replace") if isinstance(advice, bytes) else ""
    message = (error.details() or "").removesuffix(words).strip()
    return kind(message, advice=words, issue=issue_or_none(str(sent.get("bearman-issue", ""))))
