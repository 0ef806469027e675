"""Killing the processes of a running product, and what is looked at afterwards."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, LiteralString

import grpc
import psycopg

from protos.bearman.v1 import nodes_pb2, nodes_pb2_grpc
from protos.ipman.v1 import ipman_pb2, ipman_pb2_grpc
from simulator.demo.product import Product, database_pid
from tests.servers import bearer


def children(parent: int, words: str) -> list[int]:
    """The processes that `parent` started whose command line has `words`."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            stat = (entry / "stat").read_text()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[1]) == parent and words in command:
            found.append(int(entry.name))
    return found


def started(product: Product, words: str) -> int:
    """The one process with these words, once it is there and has a child."""
    limit = time.monotonic() + 60
    while True:
        found = children(product.pid, words)
        if found and children(found[0], words):
            return found[0]
        assert time.monotonic() < limit
        time.sleep(0.1)


def database(product: Product) -> list[int]:
    pid = database_pid(product.data_dir)
    return [pid] if pid else []


VICTIMS: dict[str, Callable[[Product], list[int]]] = {
    "web": lambda product: children(product.pid, "bearman.wsgi"),
    "files": lambda product: children(product.pid, "bearman.files"),
    "grpc": lambda product: children(product.pid, "bearman grpc"),
    "worker": lambda product: children(product.pid, "bearman worker"),
    "postgres": database,
}


def kill(product: Product, name: str) -> list[int]:
    """Kill that victim with SIGKILL and return its processes; none where it is not there."""
    pids = VICTIMS[name](product)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return pids


def lives(pid: int) -> bool:
    """Whether a process runs; one that ended and was not waited for has no command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


def all_nodes(channel: grpc.Channel, token: str) -> list[nodes_pb2.NodeSummary]:
    stub = nodes_pb2_grpc.NodeServiceStub(channel)
    request = nodes_pb2.ListNodesRequest(page_size=1000)
    return list(stub.ListNodes(request, metadata=bearer(token), wait_for_ready=True).nodes)


def all_addresses(
    channel: grpc.Channel,
    token: str,
    purpose: ipman_pb2.Purpose.ValueType = ipman_pb2.PURPOSE_UNSPECIFIED,
) -> list[str]:
    stub = ipman_pb2_grpc.IpmanServiceStub(channel)
    request = ipman_pb2.ListAddressesRequest(page_size=1000, purpose=purpose)
    return [a.address for a in stub.ListAddresses(request, metadata=bearer(token)).addresses]


def look(product: Product, sql: LiteralString, *values: object) -> list[tuple[Any, ...]]:
    """Rows from the product's own database, past all of its processes; none while it is away.

    Lines 4 and 5 of postmaster.pid are its port and the folder of its socket.
    """
    try:
        lines = (product.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
        with psycopg.connect(
            host=lines[4], port=lines[3], user="postgres", dbname="bearman", autocommit=True
        ) as connection:
            return connection.execute(sql, values).fetchall()
    except (OSError, IndexError, psycopg.OperationalError):
        return []
