"""Whether a machine that says it is one in use can be that one."""

from ipaddress import ip_address, ip_network

from baremetal.models import Baremetal
from bearman.lib.issues import identity
from nodes.models import NetworkInterface


def stranger_words(*, row: Baremetal, source: str, mac: str) -> str:
    """Return why the one that asks is not the machine of `row`; empty where it may be.

    It is where its zone boots from, or has its own service address; and it boots from one of the
    interfaces that it registered with, where `mac`, in canonical form, is given.
    """
    networks = getattr(row, "zone_networks", None) or []
    own = [address["address"] for address in row.addresses]
    address = ip_address(source)
    inside = any(address in ip_network(network) for network in networks)
    if networks and not inside and source not in own:
        words = f"{source} is in no network of the zone of {row.hostname}"
        return f"{words} ({identity.STRANGER_NETWORK.code})."
    if not mac:
        return ""
    known = NetworkInterface.objects.filter(node=row.node_id).values_list("mac", flat=True)
    if not known or mac in known:
        return ""
    return (
        f"its UUID is that of {row.hostname}, which is in use, and {mac} is not one of that "
        f"machine's interfaces ({identity.STRANGER_INTERFACE.code}). Set a unique UUID with the "
        "vendor's tool."
    )
