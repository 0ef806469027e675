"""The network as netplan and cloud-init (version 2) describe it.

https://netplan.readthedocs.io/en/stable/netplan-yaml/ ;
https://cloudinit.readthedocs.io/en/latest/reference/network-config-format-v2.html
"""

from typing import Any

from profiles.facts import Facts
from profiles.formats.devices import BOND, MONITOR_MILLISECONDS, Device, base_name, devices

_EVERYWHERE = {4: "0.0.0.0/0", 6: "::/0"}  # older cloud-init does not know the word `default`


def network(facts: Facts) -> dict[str, Any]:
    """Return the network as data; links are found by their MAC and get their names of stage one."""
    base, *vlans = devices(facts)
    used = facts.links if facts.bond_mode else facts.links[:1]
    found: dict[str, Any] = {
        "version": 2,
        "ethernets": {link.name: _link(link.name, link.mac) for link in used},
    }
    if facts.bond_mode:
        parameters = {"mode": facts.bond_mode, "mii-monitor-interval": MONITOR_MILLISECONDS}
        members = [link.name for link in used]
        found["bonds"] = {BOND: {"interfaces": members, "parameters": parameters}}
        found["bonds"][BOND] |= _addressing(base, facts)
    else:
        found["ethernets"][base.name] |= _addressing(base, facts)
    if vlans:
        found["vlans"] = {
            vlan.name: {"id": vlan.vlan_id, "link": base_name(facts)} | _addressing(vlan, facts)
            for vlan in vlans
        }
    return found


def _link(name: str, mac: str) -> dict[str, Any]:
    return {
        "match": {"macaddress": mac},
        "set-name": name,
        "dhcp4": False,
        "dhcp6": False,
    }


def _addressing(device: Device, facts: Facts) -> dict[str, Any]:
    if not device.addresses:
        return {}
    routes = [
        {"to": _EVERYWHERE[address.family], "via": address.gateway}
        for address in device.addresses
        if address.gateway
    ]
    servers: dict[str, Any] = {"addresses": list(facts.dns)} if facts.dns else {}
    if facts.domain:
        servers["search"] = [facts.domain]
    return (
        {"addresses": [str(address) for address in device.addresses]}
        | ({"routes": routes} if routes else {})
        | ({"nameservers": servers} if servers else {})
    )
