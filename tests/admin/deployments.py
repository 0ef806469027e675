"""Deployments to look at, made by the services; BMCs are not asked for anything."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from django.utils import timezone

from baremetal.models import Baremetal
from baremetal.services.deploy import baremetal_deploy
from ipman.models import Pool
from ipman.services import pool_save
from nodes.models import Node
from profiles.models import Flavor, Profile
from tests.admin import fleet as machines
from tests.baremetal import rig
from tests.baremetal.rig import Machine

ADDRESS = "10.1.0.5"  # in the network of the zone


def make_room(folder: Path, *, default: bool = True) -> Profile:
    """Make a service pool, an image and a profile, the default of the flavor; returns it."""
    zone = machines.make_zone()
    pool = Pool(
        name="az1-service",
        zone=zone.name,
        purpose="service",
        first="10.20.0.10",
        last="10.20.0.250",
        prefix_length=24,
        gateway="10.20.0.1",
        vlan_id=120,
    )
    pool_save(pool=pool)
    rig.stage_one()
    rig.image(folder, "2026.11.1")
    profile = rig.profile("web")
    if default:
        Flavor.objects.update_or_create(
            name="compute-1u",
            defaults={"product_pattern": "*R640*", "default_profile": profile},
        )
    return profile


def free(number: int, **fields: Any) -> Node:
    """Return a READY node with parts and a BMC."""
    node = machines.make_node(number, **fields)
    machines.give_parts(node)
    machines.give_bmc(node)
    return node


def deployed(node: Node, hostname: str = "", *, actor: str = "olga") -> Baremetal:
    """Return a deployment that waits for its machine to be switched on."""
    return baremetal_deploy(node=node, profile=None, actor=actor, hostname=hostname)


def voice(row: Baremetal) -> Machine:
    """Return the machine of a deployment, to speak for it over HTTP."""
    client = Client(REMOTE_ADDR=ADDRESS)
    return Machine(row.node, None, str(row.node.uuid), client)  # type: ignore[arg-type]


def installed(node: Node, hostname: str = "") -> Baremetal:
    """Return a deployment whose machine has gone all the way."""
    row = deployed(node, hostname)
    voice(row).install()
    row.refresh_from_db()
    return row


def failed(node: Node, hostname: str = "") -> Baremetal:
    """Return a deployment whose install script failed, and said how."""
    row = deployed(node, hostname)
    machine = voice(row)
    machine.ipxe()
    machine.plan()
    machine.take_seed()
    machine.get("profile")
    machine.post(
        "report",
        step="configure",
        outcome="failed",
        message="The install script ended with exit code 100",
        log_tail="E: Unable to locate package nginx-extra",
    )
    row.refresh_from_db()
    return row


def overdue(row: Baremetal, minutes: int = 3) -> None:
    """Let a deployment be past its deadline."""
    Baremetal.objects.filter(pk=row.pk).update(deadline=timezone.now() - timedelta(minutes=minutes))


def silent(row: Baremetal) -> None:
    """Let an installed machine have restarted long ago, and not have called back."""
    Baremetal.objects.filter(pk=row.pk).update(
        told_at=timezone.now() - timedelta(hours=2), up_at=None
    )
