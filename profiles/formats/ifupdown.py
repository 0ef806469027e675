"""Shell commands that write /etc/network/interfaces of a system that was installed to /target.

See interfaces(5). Links are found by their MAC, for their names may differ from stage one's. Lines
are made with `echo` in double quotes; what Facts holds has nothing that a shell would read.
"""

from collections.abc import Iterator

from profiles.facts import Facts
from profiles.formats.devices import BOND, MONITOR_MILLISECONDS, Device, devices

# A VLAN has the MAC of its link, but no hardware behind it.
_FIND = (
    'bearman_nic() { for nic in /sys/class/net/*; do if [ -e "$nic/device" ] &&'
    ' [ "$(cat "$nic/address")" = "$1" ]; then basename "$nic"; fi; done; };'
)


def commands(facts: Facts) -> list[str]:
    """Return the commands, each with a semicolon at its end; for `sh` with `set -e`."""
    base, *vlans = devices(facts)
    used = facts.links if facts.bond_mode else facts.links[:1]
    packages = ["ifenslave"] * bool(facts.bond_mode) + ["vlan"] * bool(vlans)
    return [
        *([f"apt-install {' '.join(packages)};"] if packages else []),
        _FIND,
        *(f'nic{n}="$(bearman_nic {link.mac})"; test "$nic{n}";' for n, link in enumerate(used)),
        "{",
        *(f'echo "{line}";' for line in _lines(facts, base, vlans, len(used))),
        "} > /target/etc/network/interfaces;",
        *_resolver(facts),
    ]


def _lines(facts: Facts, base: Device, vlans: list[Device], links: int) -> Iterator[str]:
    yield from ["auto lo", "iface lo inet loopback"]
    below = BOND if facts.bond_mode else "$nic0"
    extra: list[str] = []
    if facts.bond_mode:
        members = [f"$nic{n}" for n in range(links)]
        for member in members:
            yield from [f"auto {member}", f"iface {member} inet manual"]
        extra = [
            f"bond-slaves {' '.join(members)}",
            f"bond-mode {facts.bond_mode}",
            f"bond-miimon {MONITOR_MILLISECONDS}",
        ]
    yield from _device(base, below, extra)
    for vlan in vlans:
        yield from _device(vlan, vlan.name, [f"vlan-raw-device {below}"])


def _device(device: Device, name: str, extra: list[str]) -> Iterator[str]:
    """Yield a device's stanzas; what it is made of (`extra`) stands in the first one."""
    yield f"auto {name}"
    if not device.addresses:
        yield f"iface {name} inet manual"
        yield from (f"  {line}" for line in extra)
    for number, address in enumerate(device.addresses):
        yield f"iface {name} {'inet' if address.family == 4 else 'inet6'} static"
        yield f"  address {address}"
        if address.gateway:
            yield f"  gateway {address.gateway}"
        yield from (f"  {line}" for line in extra if number == 0)


def _resolver(facts: Facts) -> list[str]:
    lines = [f"search {facts.domain}"] if facts.domain else []
    lines += [f"nameserver {server}" for server in facts.dns]
    if not facts.dns:
        return []
    return ["{", *(f'echo "{line}";' for line in lines), "} > /target/etc/resolv.conf;"]
