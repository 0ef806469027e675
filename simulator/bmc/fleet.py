"""Many simulated BMCs in one process: a socket for each, one event loop for all."""

import asyncio
import errno
import socket
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

from simulator.bmc.device import SimulatedBmc
from simulator.bmc.lan import BmcAddressError
from simulator.bmc.rmcp import MAX_DATAGRAM
from simulator.bmc.server import answer

IPMI_PORT = 623  # RMCP primary port: IPMI 2.0 section 13.1.2
BURST = 32  # datagrams taken from one socket before the others get their turn
PATIENCE_S = 10.0


class BmcFleet:
    """Carries BMCs in a thread of its own; start, add and stop may be called from any thread.

    Each BMC listens on its own LAN address at `port`, from the moment that address is
    configured. A fleet is used once: after stop() it cannot be started again.
    """

    def __init__(self, port: int = IPMI_PORT) -> None:
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="bmc-fleet", daemon=True)
        self._sockets: dict[SimulatedBmc, socket.socket] = {}
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the thread that carries the BMCs."""
        self._thread.start()

    def stop(self) -> None:
        """Close all sockets, cancel reactions that are under way and end the thread."""
        with self._lock:
            bmcs = list(self._sockets)
        for bmc in bmcs:
            self.remove(bmc)
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread.ident is None:
            self._serve()  # never started: what there is to close is closed here
        else:
            self._thread.join(PATIENCE_S)

    def add(self, bmc: SimulatedBmc) -> None:
        """Carry a BMC; raises BmcAddressError if its address is set and cannot be taken."""
        self.rebind(bmc)
        bmc.carrier = self

    def remove(self, bmc: SimulatedBmc) -> None:
        """Take a BMC off the network and forget it."""
        bmc.carrier = None
        self._replace_socket(bmc, None)
        self.settle()

    def rebind(self, bmc: SimulatedBmc) -> None:
        """Make the BMC answer on its present address and no other; raises BmcAddressError."""
        with self._lock:
            current = self._sockets.get(bmc)
        wanted = None
        if bmc.network_address is not None:
            wanted = (bmc.network_address, self.port if bmc.port is None else bmc.port)
        if current is None or current.getsockname() != wanted:
            self._replace_socket(bmc, _bind(bmc, *wanted) if wanted else None)

    def settle(self) -> None:
        """Wait until addresses given up so far are free again; at once in the fleet's own loop."""
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            done = threading.Event()
            self._loop.call_soon_threadsafe(done.set)
            done.wait(PATIENCE_S)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a coroutine in the fleet's loop, from any thread."""
        self._loop.call_soon_threadsafe(self._start_task, work)

    def _start_task(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.close()

    def _replace_socket(self, bmc: SimulatedBmc, fresh: socket.socket | None) -> None:
        with self._lock:
            stale = self._sockets.pop(bmc, None)
            if fresh is not None:
                self._sockets[bmc] = fresh
        if fresh is not None:
            self._loop.call_soon_threadsafe(
                self._loop.add_reader, fresh, self._on_readable, bmc, fresh
            )
        if stale is not None:
            self._loop.call_soon_threadsafe(self._close, bmc, stale)

    def _close(self, bmc: SimulatedBmc, stale: socket.socket) -> None:
        bmc.sessions.clear()
        self._loop.remove_reader(stale)
        stale.close()

    def _on_readable(self, bmc: SimulatedBmc, listener: socket.socket) -> None:
        for _ in range(BURST):
            try:
                datagram, peer = listener.recvfrom(MAX_DATAGRAM + 1)
            except OSError:
                return
            reply = None if bmc.silent else answer(bmc, datagram)
            if reply is not None and not bmc.silent:  # it may fall silent over a command
                self._send(listener, reply, peer, bmc.faults.slow_s)

    def _send(
        self, listener: socket.socket, reply: bytes, peer: tuple[str, int], delay_s: float
    ) -> None:
        if delay_s > 0:
            self._loop.call_later(delay_s, self._send, listener, reply, peer, 0.0)
            return
        try:
            listener.sendto(reply, peer)
        except OSError:
            return  # closed meanwhile, or the peer is gone: a lost datagram, as on any network


def _bind(bmc: SimulatedBmc, address: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.setblocking(False)
    try:
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        raise BmcAddressError(_why_not(bmc, address, port, error)) from error
    return listener


def _why_not(bmc: SimulatedBmc, address: str, port: int, error: OSError) -> str:
    where = f"{bmc.name} cannot take {address} port {port}/udp"
    if error.errno == errno.EADDRINUSE:
        return f"{where}: IP conflict, something else answers there already"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{where}: this computer has no such address"
    return f"{where}: {error.strerror}"
