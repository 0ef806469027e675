"""Reading the stored raw inventories again with the parser of today."""

from django.db import transaction

from nodes.models import Node, RawInventory
from nodes.services.inventory import RawOutputs, inventory_parse, inventory_write, node_fields


def node_reparse(*, raw_id: int) -> list[str]:
    """Parse a node's stored raw inventory again and return the names of the columns that changed.

    Identity is left alone: status, UUID and address do not change. Raises Invalid where the
    stored text cannot be parsed; then nothing changes.
    """
    with transaction.atomic():
        node = Node.objects.select_for_update(no_key=True).get(pk=raw_id)
        stored = RawInventory.objects.get(pk=raw_id)
        inventory = inventory_parse(_outputs(stored))
        fields = node_fields(inventory)
        changed = [name for name, value in fields.items() if getattr(node, name) != value]
        Node.objects.filter(pk=node.pk).update(**{name: fields[name] for name in changed})
        inventory_write(node=node, inventory=inventory, raw=None)
    return changed


def _outputs(stored: RawInventory) -> RawOutputs:
    return RawOutputs(
        dmidecode=bytes(stored.dmidecode),
        lsblk=bytes(stored.lsblk),
        ip_link=bytes(stored.ip_link),
        ethtool={name: text.encode() for name, text in stored.ethtool.items()},
    )
