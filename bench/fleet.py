"""Rows that are there already: a zone with a pool, and nodes as registrations leave them."""

from collections.abc import Iterable
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db import connection, models
from django.utils import timezone

from bearman.lib import tokens
from bench.machine import token_of, uuid_of
from ipman.models import Pool
from ipman.services import pool_save
from nodes.models import (
    AvailabilityZone,
    Bmc,
    BootRequest,
    Disk,
    EventKind,
    MemoryModule,
    NetworkInterface,
    Node,
    NodeEvent,
    Processor,
)
from nodes.services.boot import Purpose
from nodes.services.zones import zone_ensure
from nodes.states import NodeStatus
from profiles.models import Flavor
from profiles.services import Artefacts, image_add

ZONE, PURPOSE = "bench", "ipmi"
BATCH = 1000
DIMMS, PORTS, DISKS, SOCKETS = 16, 4, 6, 2
GIB = 2**30
# Nodes that are there already take their numbers and addresses from here on.
FIRST = 10_000_000
FIRST_BMC = IPv4Address("127.96.0.1")
MODELS = (
    ("Dell Inc.", "PowerEdge R640"),
    ("HPE", "ProLiant DL360 Gen10"),
    ("Lenovo", "ThinkSystem SR650 V3"),
    ("Supermicro", "SYS-1029P-WTRT"),
)
# How many of each hundred nodes have which status.
SHARES = {
    NodeStatus.READY: 60,
    NodeStatus.IN_USE: 30,
    NodeStatus.REGISTER_FAILED: 4,
    NodeStatus.MAINTENANCE: 3,
    NodeStatus.RETIRED: 3,
}
_HUNDRED = [status for status, share in SHARES.items() for _ in range(share)]


def empty() -> None:
    """Empty all tables, then make a zone, two million addresses, a flavor and a stage one."""
    call_command("flush", verbosity=0, interactive=False)
    zone_ensure(name=ZONE, networks=["127.0.0.0/8"])
    pool_save(
        pool=Pool(
            name="bench-ipmi",
            zone=ZONE,
            purpose=PURPOSE,
            first="127.64.0.1",
            last="127.95.255.254",
            prefix_length=9,
        )
    )
    Flavor.objects.create(name="bench", product_pattern="*")
    image_make("stage-one")


def image_make(name: str) -> None:
    """Make an image of small files."""
    with TemporaryDirectory() as folder:
        files = [Path(folder) / kind for kind in ("kernel", "initramfs", "root")]
        for file in files:
            file.write_bytes(file.name.encode())
        image_add(name=name, version="1", files=Artefacts(*files))


def boot_tokens(numbers: range) -> None:
    """Give the machines with these numbers the boot tokens that they will use."""
    expires = timezone.now() + timedelta(hours=1)
    _write(
        BootRequest(
            uuid=uuid_of(number),
            source="127.0.0.1",
            purpose=Purpose.REGISTER,
            granted=True,
            digest=tokens.digest(token_of(number)),
            expires_at=expires,
        )
        for number in numbers
    )


def grow(count: int, *, with_parts: bool) -> None:
    """Add nodes until there are `count`, with a BMC and two events each, and their parts."""
    zone, flavor = AvailabilityZone.objects.get(), Flavor.objects.get()
    for start in range(Node.objects.count(), count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        nodes = Node.objects.bulk_create(_node(number, zone, flavor) for number in numbers)
        _write(_bmc(node, number) for number, node in zip(numbers, nodes, strict=True))
        _write(_event(node, words) for node in nodes for words in ("It registers.", "It is ready."))
        if with_parts:
            for kind in (_port, _disk, _dimm, _processor):
                _write(part for node in nodes for part in kind(node))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum would have done by then


def serial_of(number: int) -> str:
    """Return the serial number of the node that was added as that one, counted from 0."""
    return f"SN{number:08d}"


def _write(rows: Iterable[models.Model]) -> None:
    found = list(rows)
    if found:
        type(found[0])._default_manager.bulk_create(found, batch_size=4 * BATCH)


def _node(number: int, zone: AvailabilityZone, flavor: Flavor) -> Node:
    vendor, product = MODELS[number % len(MODELS)]
    now = timezone.now()
    return Node(
        uuid=UUID(uuid_of(FIRST + number)),
        serial=serial_of(number),
        vendor=vendor,
        product_name=product,
        board_serial=f"BS{number:08d}",
        bios_version="2.19.1",
        cpu_model="Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz",
        cpu_sockets=SOCKETS,
        cpu_cores=40,
        cpu_threads=80,
        memory_bytes=DIMMS * 32 * GIB,
        zone=zone,
        flavor=flavor,
        status=_HUNDRED[number * 37 % 100],  # 37 has no factor of 100: all shares come out right
        address="127.0.0.1",
        last_seen=now - timedelta(minutes=number),
    )


def _bmc(node: Node, number: int) -> Bmc:
    return Bmc(
        node=node,
        address=str(FIRST_BMC + number),
        prefix_length=9,
        channel=1,
        user_slot=4,
        username="bearman",
        password=b"x" * 120,
        power="off",
    )


def _event(node: Node, words: str) -> NodeEvent:
    return NodeEvent(node=node, kind=EventKind.PROGRESS, actor="node", message=words)


def _port(node: Node) -> Iterable[NetworkInterface]:
    digits = f"{node.pk:08x}"
    start = ":".join(digits[i : i + 2] for i in range(0, 8, 2))
    for port in range(PORTS):
        name, mac = f"eno{port}", f"b0:{start}:{port:02x}"
        yield NetworkInterface(node=node, name=name, mac=mac, driver="ice", state="UP", mtu=1500)


def _disk(node: Node) -> Iterable[Disk]:
    for number in range(DISKS):
        serial = f"S64{node.pk:08d}{number}"
        yield Disk(node=node, name=f"sd{number}", serial=serial, size_bytes=960_197_124_096)


def _dimm(node: Node) -> Iterable[MemoryModule]:
    for number in range(DIMMS):
        values: dict[str, Any] = {"size_bytes": 32 * GIB, "type": "DDR4", "speed_mts": 3200}
        serial = f"{node.pk:08X}{number:02X}"
        yield MemoryModule(node=node, position=number, slot=f"A{number}", serial=serial, **values)


def _processor(node: Node) -> Iterable[Processor]:
    for number in range(SOCKETS):
        yield Processor(node=node, position=number, socket=f"CPU{number}", model=node.cpu_model)
