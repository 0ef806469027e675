"""Ports that are free now and are bound later."""

import errno
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from simulator.demo import ports

FIRST_OUTGOING = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])


@pytest.mark.skipif(FIRST_OUTGOING <= ports.LAST, reason="the kernel is set to give out all ports")
def test_they_are_none_that_an_outgoing_connection_may_get_meanwhile() -> None:
    found = [*ports.free_tcp_ports(50), ports.free_udp_port()]
    assert max(found) < FIRST_OUTGOING
    assert min(found) > 1024


def test_they_differ_and_nobody_has_them() -> None:
    found = ports.free_tcp_ports(50)
    assert len(set(found)) == 50
    for port in found:
        with socket.create_server((ports.LOOPBACK, port)):
            pass


def test_a_port_that_somebody_has_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, free = ports.free_tcp_ports(2)

    class Drawn:
        def sample(self, _: Sequence[int], __: int) -> list[int]:
            return [taken, free]

    monkeypatch.setattr(ports, "_random", Drawn())
    with socket.create_server((ports.LOOPBACK, taken)):
        assert ports.free_tcp_ports(1) == [free]
        with socket.create_server((ports.LOOPBACK, free)), pytest.raises(OSError) as none:
            ports.free_tcp_ports(1)
    assert none.value.errno == errno.EADDRINUSE
