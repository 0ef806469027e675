"""Machines to look at: one in each status, with parts, a BMC and a time line."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from nodes import credentials
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
    RawInventory,
)
from nodes.states import NodeStatus
from profiles.models import Flavor

GIB = 1024**3
PASSWORD = "Secret0fTheBmc77"

MACHINES = (
    ("Dell Inc.", "PowerEdge R640", "8XK2T13"),
    ("HPE", "ProLiant DL360 Gen10", "CZJ94206QK"),
    ("Supermicro", "SYS-6019P-MTR", "S263366X9C28114"),
    ("Lenovo", "ThinkSystem SR630", "J301AXT7"),
)


def make_zone(name: str = "az1", networks: list[str] | None = None) -> AvailabilityZone:
    """Return the zone of that name."""
    zone, _ = AvailabilityZone.objects.get_or_create(
        name=name,
        defaults={
            "description": "Hall 1",
            "networks": ["10.1.0.0/16"] if networks is None else networks,
        },
    )
    return zone


def make_node(number: int, status: NodeStatus = NodeStatus.READY, **fields: Any) -> Node:
    """Return a new node with a place; `fields` replaces what it would have."""
    vendor, product, serial = MACHINES[number % len(MACHINES)]
    now = timezone.now()
    flavor, _ = Flavor.objects.get_or_create(
        name="compute-1u", defaults={"product_pattern": "*R640*"}
    )
    values: dict[str, Any] = {
        "uuid": UUID(int=0x4C4C4544_0058_4B10_8032_000000000000 + number),
        "serial": f"{serial[:-3]}{number:03d}",
        "vendor": vendor,
        "product_name": product,
        "board_vendor": vendor,
        "board_product": "0W23H8",
        "board_serial": f"CN7792{number:05d}",
        "chassis_type": "Rack Mount Chassis",
        "bios_vendor": vendor,
        "bios_version": "2.19.1",
        "bios_date": "2023-06-04",
        "cpu_model": "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz",
        "cpu_sockets": 2,
        "cpu_cores": 40,
        "cpu_threads": 80,
        "memory_bytes": 384 * GIB,
        "zone": make_zone(),
        "flavor": flavor,
        "status": status,
        "address": f"10.1.0.{number % 250 + 1}",
        "first_seen": now - timedelta(days=40, minutes=number),
        "last_seen": now - timedelta(minutes=3 * number + 1),
        "deadline": now + timedelta(minutes=11) if status == NodeStatus.REGISTERING else None,
        "proven_at": now - timedelta(days=2) if status == NodeStatus.READY else None,
    }
    return Node.objects.create(**(values | fields))


def give_parts(node: Node) -> None:
    """Give a node interfaces, disks, memory, processors and its raw inventory."""
    number = node.pk
    NetworkInterface.objects.bulk_create(
        NetworkInterface(
            node=node,
            name=f"eno{port}np{port - 1}",
            mac=f"b0:26:28:{number >> 8 & 255:02x}:{number & 255:02x}:{port:02x}",
            state="UP" if port < 3 else "DOWN",
            mtu=1500,
            driver="bnxt_en" if port < 3 else "i40e",
            driver_version="6.1.0-18-amd64",
            firmware="227.0.131.0/pkg 22.71.11.13",
            bus=f"0000:18:00.{port - 1}",
        )
        for port in range(1, 5)
    )
    Disk.objects.bulk_create(
        Disk(
            node=node,
            name=name,
            model=model,
            serial=f"{name.upper()}X{number:06d}",
            wwn=f"0x5000cca2{number:08x}",
            size_bytes=size,
            rotational=rotational,
            transport=transport,
        )
        for name, model, size, rotational, transport in (
            ("nvme0n1", "Dell Ent NVMe P5500 RI U.2", 1_920_383_410_176, False, "nvme"),
            ("sda", "ST4000NM0295", 4_000_787_030_016, True, "sas"),
        )
    )
    MemoryModule.objects.bulk_create(
        MemoryModule(
            node=node,
            position=slot,
            slot=f"A{slot + 1}",
            size_bytes=32 * GIB,
            type="DDR4",
            speed_mts=2933,
            manufacturer="Samsung",
            part_number="M393A4K40DB2-CVF",
            serial=f"0374{number:02d}{slot:02d}",
        )
        for slot in range(12)
    )
    Processor.objects.bulk_create(
        Processor(
            node=node,
            position=socket,
            socket=f"CPU{socket + 1}",
            manufacturer="Intel",
            model="Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz",
            cores=20,
            threads=40,
            speed_mhz=2100,
        )
        for socket in range(2)
    )
    RawInventory.objects.create(
        node=node,
        received_at=timezone.now() - timedelta(days=2),
        dmidecode=b"# dmidecode 3.4\nSMBIOS 3.2.0 present.\n\nSystem Information\n\tUUID: x\n" * 9,
        lsblk=b'{"blockdevices": []}',
        ip_link=b"[]",
        ethtool={"eno1np0": "driver: bnxt_en\nversion: 6.1.0-18-amd64\n"},
    )


def give_bmc(node: Node, **fields: Any) -> Bmc:
    """Give a node a BMC with a proven password."""
    values: dict[str, Any] = {
        "address": f"10.254.{node.pk // 250 % 250}.{node.pk % 250 + 2}",
        "prefix_length": 16,
        "gateway": "10.254.0.1",
        "vlan_id": 254,
        "channel": 1,
        "user_slot": 4,
        "username": "bearman",
        "password": credentials.encrypt(PASSWORD),
        "power": "off",
        "power_read_at": timezone.now() - timedelta(minutes=5),
    }
    return Bmc.objects.create(node=node, **(values | fields))


def give_time_line(node: Node) -> None:
    """Give a node the events of a registration."""
    steps = (
        ("", EventKind.STATUS, "REGISTERING", f"{node} registers."),
        ("address", EventKind.ADDRESS, "", "IPman gave its BMC 10.254.0.12 from pool az1-ipmi."),
        ("bmc", EventKind.PROGRESS, "", "The BMC has its address; user in slot 4 set."),
        ("confirm", EventKind.PROGRESS, "", "Waiting for the proof."),
    )
    for minutes, (step, kind, to, message) in enumerate(steps):
        NodeEvent.objects.create(
            node=node,
            at=timezone.now() - timedelta(minutes=20 - minutes),
            actor="node",
            kind=kind,
            to_status=to,
            step=step,
            message=message,
        )


def fail(node: Node) -> None:
    """Let a node have failed to prove its BMC, and say so."""
    reason = f"The BMC at 10.254.0.{node.pk % 250 + 2} did not answer within 10 seconds."
    Node.objects.filter(pk=node.pk).update(
        status=NodeStatus.REGISTER_FAILED,
        step="confirm",
        reason=reason,
        advice="Check the BMC's cable, its VLAN and the route from Bearman to its network.",
        deadline=None,
        proven_at=None,
    )
    NodeEvent.objects.create(
        node=node,
        actor="system",
        kind=EventKind.STATUS,
        from_status=NodeStatus.REGISTERING,
        to_status=NodeStatus.REGISTER_FAILED,
        step="confirm",
        message=reason,
        log_tail="+ ipmitool lan set 1 ipsrc static\n+ ipmitool lan print 1\nVLAN ID : 254\n",
    )


def make_fleet() -> dict[str, Node]:
    """Return one node in each status, by the name of the status in lower case."""
    fleet = {}
    for number, status in enumerate(NodeStatus, start=1):
        node = make_node(number, status)
        give_parts(node)
        give_time_line(node)
        if status not in (NodeStatus.QUARANTINED, NodeStatus.RETIRED):
            give_bmc(node)
        fleet[status.lower()] = node
    fail(fleet["register_failed"])
    _clash(fleet["quarantined"], fleet["ready"])
    for node in fleet.values():
        node.refresh_from_db()
    return fleet


def _clash(newcomer: Node, owner: Node) -> None:
    Node.objects.filter(pk=newcomer.pk).update(
        uuid=owner.uuid,
        clashes_with=owner,
        step="register",
        reason=f"The UUID {owner.uuid} belongs to node {owner.pk} ({owner}), and this is another "
        f"machine: board serial {newcomer.board_serial} instead of {owner.board_serial}; no MAC "
        "addresses in common.",
        advice="Compare the two machines. If this one's UUID was cloned, set a unique one with "
        "the vendor's tool and boot it again; if it replaces the other, retire that node first.",
    )


def turn_away(uuid: str, source: str = "10.1.7.40", times: int = 3) -> BootRequest:
    """Return the row of a machine that asked for stage one and got nothing."""
    now = timezone.now()
    return BootRequest.objects.create(
        uuid=uuid,
        source=source,
        purpose="register",
        granted=False,
        digest=UUID(uuid).bytes * 2,
        asked_at=now - timedelta(minutes=4),
        expires_at=now + timedelta(hours=1),
        times=times,
    )
