"""Connections of machines and operators, encrypted where there is a CA to trust."""

import ssl
import urllib.request
from collections.abc import Sequence

import grpc


def channel(target: str, ca: bytes, options: Sequence[tuple[str, int]]) -> grpc.Channel:
    """A gRPC channel to `target`; with certificates (PEM) to trust it is over TLS."""
    if not ca:
        return grpc.insecure_channel(target, options=options)
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(ca), options=options)


def opener(ca: bytes) -> urllib.request.OpenerDirector:
    """What opens URLs: straight to the server, and over TLS with these certificates (PEM) only."""
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if ca:
        context = ssl.create_default_context(cadata=ca.decode("ascii"))
        handlers.append(urllib.request.HTTPSHandler(context=context))
    return urllib.request.build_opener(*handlers)
