"""What a deployment's templates and its system are told of the machine."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.conf import settings

from baremetal.models import Baremetal
from bearman.lib.errors import Invalid
from ipman.services import AllocatedAddress
from nodes.models import Disk, NetworkInterface, Node
from profiles.facts import Address, Facts, Link
from profiles.models.profile import INSTALLERS

SECRETS = ("token", "nonce", "url")  # not kept with the deployment
SMALLEST_DISK = 8 * 10**9  # bytes; below are boot modules and memory sticks


def facts_of(
    *,
    node: Node,
    hostname: str,
    addresses: Sequence[Address],
    ssh_keys: Sequence[str],
    baremetal_id: str,
) -> Facts:
    """Return the facts of a node under this name; raises Invalid with what cannot be used."""
    flavor = node.flavor
    try:
        return Facts(
            hostname=hostname,
            uuid=str(node.uuid or ""),
            links=_links(node),
            addresses=tuple(addresses),
            domain=settings.DOMAIN,
            zone=node.zone.name if node.zone else "",
            baremetal_id=baremetal_id,
            bond_mode=flavor.bond_mode if flavor and "," in flavor.bond_interfaces else "",
            dns=tuple(settings.DNS_SERVERS),
            ssh_keys=(*_lines(settings.SSH_KEYS), *ssh_keys),
            disk=(flavor.disk if flavor else "") or _disk(node),
            vendor=node.vendor,
            product_name=node.product_name,
            serial=node.serial,
        )
    except ValueError as error:
        raise Invalid(f"Node {node.pk} cannot be deployed: {error}.") from error


def facts_kept(facts: Facts) -> dict[str, Any]:
    """Return the facts as JSON values, to be kept with the deployment."""
    values = asdict(facts)
    return {name: value for name, value in values.items() if name not in SECRETS}


def facts_again(row: Baremetal, *, token: str = "") -> Facts:
    """Return the facts that were kept with a deployment, with the secret of the present boot."""
    kept = dict(row.spec["facts"])
    kept["links"] = tuple(Link(**link) for link in kept["links"])
    kept["addresses"] = tuple(Address(**address) for address in kept["addresses"])
    for name in ("dns", "ssh_keys"):
        kept[name] = tuple(kept[name])
    return Facts(**kept, url=door_url(row), token=token, nonce=row.nonce)


def door_url(row: Baremetal) -> str:
    """Return where the system of a deployment finds Bearman: an installer knows no CA of ours."""
    installs = row.spec.get("format") in INSTALLERS
    return str(settings.BOOT_URL if installs else settings.PUBLIC_URL)


def address_of(given: AllocatedAddress) -> Address:
    """Return an address from IPman as a fact."""
    return Address(given.address, given.prefix_length, given.gateway or "", given.vlan_id or 0)


def _links(node: Node) -> tuple[Link, ...]:
    """Return the interfaces that the flavor names, or the first one with a link."""
    found = sorted(node.interfaces.all(), key=lambda interface: interface.name)
    named = node.flavor.bond_interfaces.split(",") if node.flavor else []
    if named != [""] and named:
        chosen = [i for name in named for i in found if i.name == name]
        missing = sorted(set(named) - {i.name for i in chosen})
        if missing:
            raise ValueError(f"its flavor wants the interfaces {', '.join(missing)}")
    else:
        chosen = sorted(found, key=_has_no_link)[:1]
    if not chosen:
        raise ValueError("it has no network interface")
    return tuple(Link(interface.name, interface.mac) for interface in chosen)


def _has_no_link(interface: NetworkInterface) -> bool:
    return interface.state != "UP"


def _disk(node: Node) -> str:
    """Return the smallest disk that can hold a system, solid-state ones first; empty for none."""
    usable = [d for d in node.disks.all() if d.transport != "usb" and d.size_bytes >= SMALLEST_DISK]
    best = min(usable, key=_disk_order, default=None)
    return f"/dev/{best.name}" if best else ""


def _disk_order(disk: Disk) -> tuple[bool, int, str]:
    return disk.rotational, disk.size_bytes, disk.name


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
