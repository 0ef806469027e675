"""Writes on the list of expected machines, by hand; whole files are in expected_import.py."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from bearman.lib.errors import Conflict, Invalid
from nodes.models import ExpectedMachine
from nodes.services.arrived import arrived_lock, followed, listed_link, listing_of


def expected_save(*, machine: ExpectedMachine, actor: str) -> None:
    """Write a new or changed expected machine; a node that has arrived follows it.

    Raises Invalid for what cannot be, Conflict where somebody else wrote the same just now.
    """
    _tidy(machine)
    try:
        machine.full_clean(exclude=["node", "imported_by"])
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    machine.imported_at, machine.imported_by = timezone.now(), actor
    try:
        with transaction.atomic():
            _write(machine, actor)
    except IntegrityError as error:
        raise Conflict(
            f"Another expected machine has the serial number, the place, the MAC address or the "
            f"asset tag of {machine} by now.",
            advice="Look at the list again.",
        ) from error


def expected_delete(*, machine: ExpectedMachine) -> None:
    """Take a machine off the list; the node that it became stays as it is."""
    machine.delete()


def _write(machine: ExpectedMachine, actor: str) -> None:
    arrived_lock(keys=[machine.pk] if machine.pk else [], serials=[machine.serial])
    rows = ExpectedMachine.objects.select_for_update(of=("self",))
    before = rows.select_related("zone", "flavor").filter(pk=machine.pk).first()
    machine.node_id = before.node_id if before else None
    machine.save()
    if before is not None and before.node_id is not None:
        followed(node_id=before.node_id, before=listing_of(before), row=machine, actor=actor)
    listed_link(rows=[machine], actor=actor)


def _tidy(machine: ExpectedMachine) -> None:
    for name in ("serial", "vendor", "model", "rack", "asset_tag", "note", "memory", "mac"):
        setattr(machine, name, " ".join(getattr(machine, name).split()))
    machine.mac = machine.mac.lower().replace("-", ":")
    if machine.unit is not None and not machine.rack:
        raise Invalid(f"Unit {machine.unit} needs a rack.")
    if machine.memory:
        try:
            plan = machine.memory_plan
        except ValueError as error:
            raise Invalid(str(error)) from error
        machine.memory = str(plan)
