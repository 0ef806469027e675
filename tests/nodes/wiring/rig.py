"""Nodes in a database that check their cables through the service."""

import random
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from nodes.models import BootRequest, Node, WiringPlan
from nodes.services.boot import BootCaller, Purpose
from nodes.services.wiring import Verdict, wiring_check
from nodes.services.wiring_plans import wiring_plan_save
from nodes.states import NodeStatus
from nodes.wiring.readings import RawWiring
from tests.nodes.wiring.fabric import MTU, PATTERNS, VLAN, Machine
from tests.nodes.wiring.outputs import raw_wiring


def plan_made(name: str = "fabric", **fields: object) -> WiringPlan:
    """A plan, as the fabric is cabled unless told otherwise."""
    fabric = {"patterns": PATTERNS, "speed": 25, "vlan": VLAN, "mtu": MTU}
    plan = WiringPlan(name=name, **(fields or fabric))
    wiring_plan_save(plan=plan)
    return plan


def node_made(machine: Machine, **fields: object) -> Node:
    """The node of a machine, which registers."""
    values: dict[str, object] = {
        "uuid": uuid4(),
        "serial": machine.serial,
        "rack": machine.rack,
        "unit": machine.unit,
        "status": NodeStatus.REGISTERING,
        "deadline": timezone.now(),
    }
    return Node.objects.create(**(values | fields))


def caller_of(node: Node) -> BootCaller:
    """The node as the door knows it."""
    asked, _ = BootRequest.objects.get_or_create(
        digest=f"node {node.pk}".encode(),
        defaults={
            "uuid": node.uuid,
            "source": "127.0.0.1",
            "purpose": Purpose.REGISTER,
            "granted": True,
            "expires_at": timezone.now() + timedelta(hours=1),
            "node": node,
        },
    )
    return BootCaller(asked.pk, str(node.uuid), node.pk, Purpose.REGISTER, "127.0.0.1")


def checked(node: Node, machine: Machine, seed: int = 1) -> Verdict:
    """What the service says of the machine's cables."""
    return sent(node, raw_wiring(machine, random.Random(seed)))


def sent(node: Node, raw: RawWiring) -> Verdict:
    """What the service says of raw outputs."""
    return wiring_check(caller=caller_of(node), raw=raw)


def codes(verdict: Verdict) -> list[str]:
    """The codes of what was found."""
    return [each.issue.code for each in verdict.found]
