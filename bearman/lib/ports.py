"""Addresses to listen on."""

import socket


def split_bind(bind: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT` or `[IPV6]:PORT`; raises ValueError for anything else."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{bind!r} is not HOST:PORT.")
    return host.strip("[]"), int(port)


def who_has(bind: str) -> str | None:
    """Return None if `bind` is free to listen on, else the system's reason why not.

    SO_REUSEPORT would let two installations share a port without a word; this asks without it.
    """
    host, port = split_bind(bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error.strerror or str(error)
    return None
