"""One process of clients: prepares, waits for the word, works, and tells how long it took."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Barrier, BrokenBarrierError
from typing import Any, Protocol

Operation = Callable[[Any], object]


class Workload(Protocol):
    """What the clients do. It is pickled: its values travel, its module is imported anew."""

    def jobs(self, numbers: range) -> Sequence[Any]:
        """Prepare, before the clock starts, what the operations with these numbers need."""
        ...

    def operation(self) -> Operation:
        """Return one client's function that does one job; called in that client's own thread."""
        ...


def run_clients(pipe: Connection, workload: Workload, numbers: range, threads: int) -> None:
    """Be such a process: say `[]` when ready, wait for "go", send the latencies in seconds.

    A failure is sent as text instead. Returns once the other end of the pipe is closed, so that
    this process can be looked at until then.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes the pipe
    with suppress(EOFError, BrokenPipeError):
        try:
            pipe.send(_work(pipe, workload, numbers, threads))
        except Exception as error:
            pipe.send(f"A client failed: {error!r}"[:2000])
        pipe.recv()


def _work(pipe: Connection, workload: Workload, numbers: range, threads: int) -> list[float]:
    jobs = iter(workload.jobs(numbers))
    ready, start = Barrier(threads + 1), Barrier(threads + 1)
    with ThreadPoolExecutor(threads) as pool:
        working = [pool.submit(_client, workload, jobs, ready, start) for _ in range(threads)]
        with suppress(BrokenBarrierError):
            ready.wait()
            pipe.send([])
            pipe.recv()
            start.wait()
        return [seconds for one in working for seconds in one.result()]


def _client(workload: Workload, jobs: Iterator[Any], ready: Barrier, start: Barrier) -> list[float]:
    """Take jobs that no other thread has taken until none is left."""
    try:
        operation = workload.operation()
        ready.wait()
        start.wait()
    except Exception:
        ready.abort()
        start.abort()
        raise
    latencies = []
    for job in jobs:
        began = time.perf_counter()
        operation(job)
        latencies.append(time.perf_counter() - began)
    return latencies
