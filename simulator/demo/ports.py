"""Free ports of loopback, for a demo beside whatever else runs."""

import socket
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"
ALL = "0.0.0.0"  # the BMCs are on many addresses of loopback; the port must be free on each


def free_tcp_ports(count: int) -> list[int]:
    """Different ports that nobody listens on at this moment."""
    with ExitStack() as open_until_all_are_known:
        return [_port(open_until_all_are_known, socket.SOCK_STREAM, LOOPBACK) for _ in range(count)]


def free_udp_port() -> int:
    """A port that is free on every address."""
    with ExitStack() as open_until_known:
        return _port(open_until_known, socket.SOCK_DGRAM, ALL)


def _port(stack: ExitStack, kind: socket.SocketKind, address: str) -> int:
    listener = stack.enter_context(socket.socket(socket.AF_INET, kind))
    listener.bind((address, 0))
    return int(listener.getsockname()[1])
