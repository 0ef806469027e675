"""Free ports of loopback, for a demo beside whatever else runs.

What is free at this moment is bound later, often by another process. So they are none of those that
the kernel gives to outgoing connections meanwhile (net.ipv4.ip_local_port_range begins at 32768).
"""

import errno
import random
import socket
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"
ALL = "0.0.0.0"  # the BMCs are on many addresses of loopback; the port must be free on each
FIRST, LAST = 20_000, 32_767
TRIES = 200
_random = random.SystemRandom()  # processes that were forked must not draw the same ones


def free_tcp_ports(count: int) -> list[int]:
    """Different ports that nobody listens on at this moment."""
    with ExitStack() as open_until_all_are_known:
        return [_port(open_until_all_are_known, socket.SOCK_STREAM, LOOPBACK) for _ in range(count)]


def free_udp_port() -> int:
    """A port that is free on every address."""
    with ExitStack() as open_until_known:
        return _port(open_until_known, socket.SOCK_DGRAM, ALL)


def _port(stack: ExitStack, kind: socket.SocketKind, address: str) -> int:
    for port in _random.sample(range(FIRST, LAST + 1), TRIES):
        listener = stack.enter_context(socket.socket(socket.AF_INET, kind))
        try:
            listener.bind((address, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return port
    raise OSError(errno.EADDRINUSE, f"None of {TRIES} ports is free on {address}")
