"""A fleet of BMCs on loopback, and a relay that can lose, count or spoil datagrams."""

import itertools
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from simulator.bmc import BmcFleet, Privilege, SimulatedBmc
from simulator.demo.ports import free_udp_port

USER, PASSWORD = "bearman", "correct horse"
SLOT = 2


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something that another thread does; fails the test when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


class Rig:
    """A running fleet; bmc() adds a configured BMC on an address of its own."""

    def __init__(self) -> None:
        self.fleet = BmcFleet(free_udp_port())
        self._numbers = itertools.count(1)
        self._relays: list[Relay] = []

    def free_address(self) -> str:
        """A loopback address that no BMC of this rig has."""
        return f"127.42.0.{next(self._numbers)}"

    def bmc(self, **options: Any) -> SimulatedBmc:
        """A BMC with an administrator, reachable at str(bmc.lan.address)."""
        bmc = SimulatedBmc("test-bmc", **options)
        privilege = Privilege.ADMINISTRATOR
        bmc.set_user(SLOT, name=USER, password=PASSWORD, enabled=True, privilege=privilege)
        self.fleet.add(bmc)
        bmc.set_lan("ipsrc", "static")
        bmc.set_lan("ipaddr", self.free_address())
        return bmc

    def relay(self, bmc: SimulatedBmc, **options: Any) -> "Relay":
        """A relay before that BMC."""
        relay = Relay((str(bmc.lan.address), self.fleet.port), **options)
        self._relays.append(relay)
        return relay

    def close(self) -> None:
        """Stop the relays and the fleet."""
        for relay in self._relays:
            relay.close()
        self.fleet.stop()


def pass_on(datagram: bytes) -> list[bytes]:
    """Let a datagram through unchanged."""
    return [datagram]


class Relay:
    """Stands between one client at a time and a BMC; each way may drop, change or add."""

    def __init__(
        self,
        target: tuple[str, int],
        to_bmc: Callable[[bytes], list[bytes]] = pass_on,
        to_client: Callable[[bytes], list[bytes]] = pass_on,
    ) -> None:
        self.requests: list[bytes] = []
        self._target = target
        self._to_bmc, self._to_client = to_bmc, to_client
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._closing = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def payload_types(self) -> list[int]:
        """RMCP+ payload types of the requests so far, without their flag bits."""
        return [request[5] & 0x3F for request in self.requests if request[4] == 0x06]

    def close(self) -> None:
        """Stop relaying."""
        self._closing = True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(5)
        self._socket.close()

    def _run(self) -> None:
        client = None
        while True:
            datagram, peer = self._socket.recvfrom(2048)
            if self._closing:
                return
            if peer == self._target and client is not None:
                for each in self._to_client(datagram):
                    self._socket.sendto(each, client)
            elif peer != self._target:
                client = peer
                self.requests.append(datagram)
                for each in self._to_bmc(datagram):
                    self._socket.sendto(each, self._target)
