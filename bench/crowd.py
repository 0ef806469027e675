"""A crowd: many machines that arrive in one moment, each with a connection of its own."""

import asyncio
import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection

from bench.harness import Measure, percentile
from bench.load import LoadError

PROCESSES = 2
TIMEOUT_SECONDS = 60.0
FILES_BESIDES = 200  # descriptors that a process needs for other things
_spawn = multiprocessing.get_context("spawn")


def crowd(
    name: str, bind: str, requests: Sequence[bytes], *, words: bytes, cpu: Callable[[], float]
) -> Measure:
    """Send all requests at once and return what came of it.

    A latency is from the moment in which all arrive to the whole answer, so the slowest is how long
    the last machine waited. Raises LoadError where one is refused, or its answer lacks `words`.
    """
    shares = [requests[process::PROCESSES] for process in range(PROCESSES)]
    pipes, children = [], []
    for share in shares:
        ours, theirs = _spawn.Pipe()
        child = _spawn.Process(target=_be_a_crowd, args=(theirs, bind, share, words), daemon=True)
        child.start()
        theirs.close()
        pipes.append(ours)
        children.append(child)
    try:
        for pipe in pipes:
            _answer(pipe)  # it is there
        cpu_before, began = cpu(), time.time() + 0.05
        for pipe in pipes:
            pipe.send(began)
        latencies = [seconds for pipe in pipes for seconds in _answer(pipe)]
    finally:
        for pipe, child in zip(pipes, children, strict=True):
            pipe.close()
            child.join(10)
            child.kill()
    rate = len(latencies) / max(latencies)
    return Measure(
        name=name,
        operations=len(latencies),
        rate=rate,
        runs=[rate],
        median_ms=1000 * percentile(latencies, 0.5),
        p99_ms=1000 * percentile(latencies, 0.99),
        max_ms=1000 * max(latencies),
        cpu_ms=1000 * (cpu() - cpu_before) / len(latencies),
    )


def _be_a_crowd(pipe: Connection, bind: str, requests: Sequence[bytes], words: bytes) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(len(requests) + FILES_BESIDES, most), most))
    pipe.send([])
    began: float = pipe.recv()
    try:
        pipe.send(asyncio.run(_all(bind, requests, words, began)))
    except Exception as error:
        pipe.send(f"A machine of the crowd failed: {error!r}"[:2000])


async def _all(bind: str, requests: Sequence[bytes], words: bytes, began: float) -> list[float]:
    await asyncio.sleep(max(0.0, began - time.time()))
    async with asyncio.timeout(TIMEOUT_SECONDS):
        return await asyncio.gather(*(_one(bind, request, words, began) for request in requests))


async def _one(bind: str, request: bytes, words: bytes, began: float) -> float:
    host, _, port = bind.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        answer = await reader.read()
        seconds = time.time() - began
    finally:
        writer.close()
    if not answer.startswith(b"HTTP/1.1 200") or words not in answer:
        raise RuntimeError(f"{answer[:300]!r}")
    return seconds


def _answer(pipe: Connection) -> list[float]:
    try:
        answer = pipe.recv()
    except EOFError:
        raise LoadError("A process of the crowd ended without a word.") from None
    if isinstance(answer, str):
        raise LoadError(answer)
    latencies: list[float] = answer
    return latencies
