"""Whether a machine that says it is one in use can be that one."""

from ipaddress import ip_address, ip_network

from baremetal.selectors import Asking
from bearman.lib.issues import identity
from nodes.models import NetworkInterface


def stranger_words(*, asked: Asking, source: str, mac: str) -> str:
    """Return why the one that asks is not the machine that it says; empty where it may be.

    It is where its zone boots from, or has its own service address; and it boots from one of the
    interfaces that it registered with, where `mac`, in canonical form, is given.
    """
    row, address = asked.row, ip_address(source)
    own = [one["address"] for one in row.addresses]
    inside = any(address in ip_network(network) for network in asked.networks)
    if asked.networks and not inside and source not in own:
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
