"""Wiring plans: what machines of a flavor and in some racks must be cabled like."""

from django.core.exceptions import ValidationError

from bearman.lib.errors import Invalid
from nodes.models import WiringPlan
from nodes.wiring.pattern import PatternError, checked
from nodes.wiring_plans import Plan, plan_read


def wiring_plan_check(*, plan: WiringPlan) -> Plan:
    """Return the plan as it will be compared; raises Invalid for one that makes no sense."""
    try:
        for name in ("speed", "vlan", "mtu"):
            value = getattr(plan, name)
            if value is not None:
                checked(name, value)
        read = plan_read(plan)
    except PatternError as error:
        raise Invalid(f"Plan {plan.name}: {error}") from error
    if not read.patterns and not read.rules.asks:
        raise Invalid(f"Plan {plan.name} asks for nothing.", advice="Give it a pattern, or a rule.")
    if plan.links and plan.switches > plan.links:
        raise Invalid(
            f"Plan {plan.name} demands {plan.switches} switches for {plan.links} links.",
            advice="A link leads to one switch: demand as many links at least.",
        )
    return read


def wiring_plan_save(*, plan: WiringPlan) -> None:
    """Write a new or changed plan; raises Invalid. It counts from the next check of a machine."""
    try:
        plan.full_clean()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    wiring_plan_check(plan=plan)
    plan.save()


def wiring_plan_delete(*, plan: WiringPlan) -> None:
    """Delete a plan; machines that it was for pass without one, or by another."""
    plan.delete()
