"""Machines in use: nodes with an INSTALLED Baremetal, as deployments leave them."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from baremetal.models import Baremetal
from baremetal.services.facts import facts_kept
from baremetal.states import BaremetalState
from bearman.lib import tokens
from bench import fleet
from bench.machine import token_of, uuid_of
from nodes.models import AvailabilityZone, BootRequest, Node
from nodes.services.boot import Purpose
from nodes.states import NodeStatus
from profiles.facts import Address, Facts, Link
from profiles.models import Profile
from profiles.services import profile_save

SCRIPT = "echo hello\n" * 100


def install(count: int) -> list[str]:
    """Empty all tables and add so many machines in use; returns the nonce of each."""
    fleet.empty()
    profile = profile_make()
    zone = AvailabilityZone.objects.get()
    nodes = Node.objects.bulk_create(
        (_node(number, zone) for number in range(count)), batch_size=fleet.BATCH
    )
    nonces = [secrets.token_urlsafe(18) for _ in nodes]
    rows = (
        _baremetal(number, node, profile, nonce)
        for number, (node, nonce) in enumerate(zip(nodes, nonces, strict=True))
    )
    Baremetal.objects.bulk_create(rows, batch_size=fleet.BATCH)
    expires = timezone.now() + timedelta(hours=1)
    BootRequest.objects.bulk_create(
        BootRequest(
            uuid=uuid_of(number),
            source="127.0.0.1",
            purpose=Purpose.SYSTEM,
            granted=True,
            digest=tokens.digest(token_of(number)),
            expires_at=expires,
            node=node,
        )
        for number, node in enumerate(nodes)
    )
    Baremetal.objects.update(told_at=None)  # rows that were changed before leave room beside them
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum would have done by then
    return nonces


def profile_make() -> Profile:
    """Make an image of small files, and the profile that boots it."""
    fleet.image_make("bench")
    return profile_save(profile=Profile(name="bench", image_name="bench", install_script=SCRIPT))


def _node(number: int, zone: AvailabilityZone) -> Node:
    return Node(
        uuid=UUID(uuid_of(number)),
        serial=fleet.serial_of(number),
        vendor="Dell Inc.",
        product_name="PowerEdge R640",
        zone=zone,
        status=NodeStatus.IN_USE,
    )


def _baremetal(number: int, node: Node, profile: Profile, nonce: str) -> Baremetal:
    address = Address(
        f"10.{number // 65536}.{number // 256 % 256}.{number % 256}", 8, "10.0.0.1", 7
    )
    return Baremetal(
        node=node,
        profile=profile,
        profile_name=profile.name,
        profile_version=profile.version,
        hostname=f"node-{node.pk}",
        state=BaremetalState.INSTALLED,
        service_address=address.address,
        vlan_id=address.vlan_id,
        addresses=[{"address": address.address, "prefix_length": 8}],
        nonce=nonce,
        created_by="bench",
        spec=_spec(node, profile, address),
    )


def _spec(node: Node, profile: Profile, address: Address) -> dict[str, Any]:
    facts = Facts(
        hostname=f"node-{node.pk}",
        uuid=str(node.uuid),
        links=(Link("eno1", "b0:7b:25:00:00:01"),),
        addresses=(address,),
        vendor=node.vendor,
        product_name=node.product_name,
        serial=node.serial,
    )
    file = {"path": "images/bench/1/0123456789abcdef/vmlinuz", "size": 6, "sha256": "0" * 64}
    return {
        "append": profile.append,
        "boots_root": True,
        "script": profile.install_script,
        "format": profile.config_format,
        "body": "",
        "facts": facts_kept(facts),
        "kernel": file,
        "initramfs": file,
        "root": file,
    }
