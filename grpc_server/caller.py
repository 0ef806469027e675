"""Who calls: read from a call's metadata and its peer."""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import unquote

import grpc
from django.conf import settings
from django.contrib.auth.models import User

from bearman.accounts.services import token_user, user_require
from bearman.lib.errors import Invalid, Unauthenticated
from bearman.lib.network import client_address
from nodes.services.boot import BootCaller, Purpose, boot_caller
from nodes.uuids import canonical_uuid

_SCHEME = "Bearer "


def operator(context: grpc.ServicerContext, permission: str) -> User:
    """Return the user behind the call's operator token; raises Unauthenticated or Denied."""
    user = token_user(text=token_of(context))
    user_require(user=user, permission=permission)
    return user


def machine(
    context: grpc.ServicerContext,
    uuid_text: str,
    purposes: Collection[Purpose] = (Purpose.REGISTER,),
) -> BootCaller:
    """Return the machine behind the call's boot token, which says that it is `uuid_text`.

    Raises Unauthenticated, Denied, or Invalid where the text is not a UUID.
    """
    return boot_caller(
        token=token_of(context), uuid=uuid_of(uuid_text), source=source(context), purposes=purposes
    )


def uuid_of(text: str) -> str:
    """Return the canonical form of a UUID; raises Invalid."""
    uuid = canonical_uuid(text[:100])
    if uuid is None:
        raise Invalid("`uuid` is not a UUID such as 4c4c4544-0051-3510-8052-b4c04f4a4b31.")
    return uuid


def has_token(context: grpc.ServicerContext) -> bool:
    """Say whether the call carries a token at all."""
    return "authorization" in dict(context.invocation_metadata())


def source(context: grpc.ServicerContext) -> str:
    """Return the caller's address; behind a trusted proxy, the one that the proxy saw.

    gRPC names a peer `ipv4:ADDRESS:PORT`, `ipv6:%5BADDRESS%5D:PORT` or `unix:PATH`.
    """
    kind, _, rest = context.peer().partition(":")
    peer = unquote(rest).rpartition(":")[0].strip("[]") if kind in ("ipv4", "ipv6") else "::1"
    forwarded = str(dict(context.invocation_metadata()).get("x-forwarded-for", ""))
    return str(client_address(ip_address(peer), forwarded, settings.TRUSTED_PROXIES))


def token_of(context: grpc.ServicerContext) -> str:
    """Return the token that the call carries; raises Unauthenticated."""
    header = str(dict(context.invocation_metadata()).get("authorization", ""))
    if not header.startswith(_SCHEME):
        raise Unauthenticated(
            "The call carries no token.",
            advice="Send metadata `authorization: Bearer <token>`.",
        )
    return header[len(_SCHEME) :].strip()
