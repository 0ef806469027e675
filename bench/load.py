"""Makes load: some processes with some threads each, that begin at one moment.

Two light processes rather than one, so that Python's lock in the clients does not set the rate.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from bench.clients import Workload, run_clients

CLIENTS = 16
PROCESSES = 2
JOIN_SECONDS = 10.0

# Not forked: connections to gRPC and to the database do not survive that.
_spawn = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: the seconds of each operation, and from the first's begin to the last's end.

    `cpu_seconds` is what all processes together used of the processors in that time.
    """

    latencies: list[float]
    seconds: float
    cpu_seconds: float


class LoadError(Exception):
    """A client failed; a measurement with failures in it would say nothing."""


def drive(
    workload: Workload,
    numbers: range,
    *,
    cpu: Callable[[], float],
    clients: int = CLIENTS,
) -> Load:
    """Do the operations with these numbers; `cpu` tells the CPU seconds used so far.

    Raises LoadError with the words of the first client that failed.
    """
    processes = min(PROCESSES, clients)
    shares = [numbers[process::processes] for process in range(processes)]
    with ExitStack() as stack:
        pipes = [
            stack.enter_context(_clients(workload, share, clients // processes)) for share in shares
        ]
        for pipe in pipes:
            _answer(pipe)
        cpu_before, began = cpu(), time.perf_counter()
        for pipe in pipes:
            pipe.send("go")
        latencies = [seconds for pipe in pipes for seconds in _answer(pipe)]
        return Load(latencies, time.perf_counter() - began, cpu() - cpu_before)


@contextmanager
def _clients(workload: Workload, share: range, threads: int) -> Iterator[Connection]:
    """Have a process of clients; it ends once its pipe is closed."""
    ours, theirs = _spawn.Pipe()
    child = _spawn.Process(target=run_clients, args=(theirs, workload, share, threads))
    child.daemon = True
    child.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        child.join(JOIN_SECONDS)
        child.kill()
        child.join()


def _answer(pipe: Connection) -> list[float]:
    try:
        answer = pipe.recv()
    except EOFError:
        raise LoadError("A process of clients ended without a word.") from None
    if isinstance(answer, str):
        raise LoadError(answer)
    latencies: list[float] = answer
    return latencies
