"""What a configuration may know of a machine. Pure: checked here, so renderers can rely on it."""

from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface
from typing import Any

from profiles import values

NO_GATEWAY = "-"  # in the lines of further addresses
_EXAMPLE_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the installed system; `vlan_id` 0 is untagged. Raises ValueError."""

    address: str
    prefix_length: int
    gateway: str = ""
    vlan_id: int = 0

    def __post_init__(self) -> None:
        _set(self, "address", values.address(self.address))
        network = _interface(str(self)).network
        if not 0 <= self.vlan_id <= 4094:
            raise ValueError(f"{self.vlan_id} is not a VLAN: 1 to 4094, or 0 for none")
        if self.gateway:
            _set(self, "gateway", values.address(self.gateway))
            gateway = ip_address(self.gateway)
            if gateway not in network and not gateway.is_link_local:
                raise ValueError(f"the gateway {self.gateway} is not in {network}")
            if gateway.version != network.version:
                raise ValueError(f"the gateway {self.gateway} is of another family than {self}")

    def __str__(self) -> str:
        return f"{self.address}/{self.prefix_length}"

    @property
    def family(self) -> int:
        """4 or 6."""
        return _interface(str(self)).version

    @property
    def netmask(self) -> str:
        """The prefix length as a mask, such as 255.255.255.0; in IPv6 as an address."""
        return str(_interface(str(self)).netmask)


@lru_cache(maxsize=100)
def _interface(text: str) -> IPv4Interface | IPv6Interface:
    """Return what is asked for several times while a machine waits, and is slow to read."""
    return ip_interface(text)


@dataclass(frozen=True, slots=True)
class Link:
    """A network interface that carries the addresses: its name in stage one, and its MAC."""

    name: str
    mac: str

    def __post_init__(self) -> None:
        _set(self, "name", values.interface(self.name))
        _set(self, "mac", values.mac(self.mac))


@dataclass(frozen=True, slots=True)
class Facts:
    """All that templates and a system may know of a machine; raises ValueError for what is wrong.

    `links` is one link, or the members of the bond; the first address is the one that people know.
    `url` is Bearman's as machines see it. `vendor`, `product_name`, `serial` and `zone` are made
    plain; the other values are right or refused.
    """

    hostname: str
    uuid: str
    links: tuple[Link, ...]
    addresses: tuple[Address, ...]
    domain: str = ""
    zone: str = ""
    baremetal_id: str = ""
    bond_mode: str = ""
    dns: tuple[str, ...] = ()
    ssh_keys: tuple[str, ...] = ()
    disk: str = ""
    vendor: str = ""
    product_name: str = ""
    serial: str = ""
    url: str = ""
    token: str = field(default="", repr=False)
    nonce: str = ""

    def __post_init__(self) -> None:
        for name, check in _CHECKS.items():
            _set(self, name, check(getattr(self, name)))
        _set(self, "dns", tuple(values.address(one) for one in self.dns))
        _set(self, "ssh_keys", tuple(values.ssh_key(one) for one in self.ssh_keys))
        if not self.links or not self.addresses:
            raise ValueError("it needs a network interface and an address at least")
        for names in ([link.name for link in self.links], [str(a) for a in self.addresses]):
            if len(set(names)) < len(names):
                raise ValueError(f"one of {', '.join(names)} is there twice")

    @property
    def fqdn(self) -> str:
        """The host name with the domain, where there is one."""
        return f"{self.hostname}.{self.domain}" if self.domain else self.hostname


_CHECKS = {
    "hostname": values.hostname,
    "domain": values.domain,
    "uuid": values.machine_uuid,
    "zone": values.plain,
    "baremetal_id": values.plain,
    "bond_mode": values.bond_mode,
    "disk": values.disk,
    "vendor": values.plain,
    "product_name": values.plain,
    "serial": values.plain,
    "url": values.url,
    "token": values.secret,
    "nonce": values.secret,
}


def example() -> Facts:
    """Return the facts of a machine that is not there, in documentation's networks (RFC 5737)."""
    return Facts(
        hostname="web-1",
        domain="example.org",
        uuid="4c4c4544-0042-3510-8051-b4c04f4d3132",
        links=(Link("eno1", "52:54:00:12:34:01"),),
        addresses=(
            Address("192.0.2.10", 24, "192.0.2.1", 120),
            Address("2001:db8::10", 64, "2001:db8::1", 120),
        ),
        zone="z1",
        baremetal_id="7",
        dns=("192.0.2.53", "2001:db8::53"),
        ssh_keys=(f"{_EXAMPLE_KEY} admin@example.org",),
        disk="/dev/sda",
        vendor="Example Systems",
        product_name="Rack Server 1U",
        serial="EX1234567",
        url="http://bearman.example.org:8000",
        token="bmb_example",  # noqa: S106 (opens nothing)
        nonce="example-nonce-0123456789",
    )


def as_json(facts: Facts) -> dict[str, Any]:
    """Return what a system is told of itself, as JSON values; no secrets."""
    return {
        "hostname": facts.hostname,
        "domain": facts.domain,
        "addresses": [
            {
                "address": address.address,
                "prefix_length": address.prefix_length,
                "netmask": address.netmask if address.family == 4 else "",
                "gateway": address.gateway,
                "vlan_id": address.vlan_id,
            }
            for address in facts.addresses
        ],
        "links": [{"name": link.name, "mac": link.mac} for link in facts.links],
        "bond_mode": facts.bond_mode,
        "dns": list(facts.dns),
        "ssh_keys": list(facts.ssh_keys),
        "disk": facts.disk,
        "zone": facts.zone,
        "baremetal_id": facts.baremetal_id,
    }


def as_lines(facts: Facts) -> str:
    """Return the same as lines `KEY VALUE` for a shell; what is empty is left out.

    `vlan` is there always, 0 for none. A further address is `more-address A/P GATEWAY VLAN`, with
    `-` for no gateway.
    """
    first, *more = facts.addresses
    single = {
        "hostname": facts.hostname,
        "domain": facts.domain,
        "zone": facts.zone,
        "baremetal_id": facts.baremetal_id,
        "disk": facts.disk,
        "bond_mode": facts.bond_mode,
        "address": str(first),
        "gateway": first.gateway,
        "vlan": str(first.vlan_id),
    }
    lines = [f"{key} {value}" for key, value in single.items() if value]
    lines += [f"link {link.name} {link.mac}" for link in facts.links]
    lines += [f"dns {server}" for server in facts.dns]
    lines += [f"ssh-key {key}" for key in facts.ssh_keys]
    lines += [f"more-address {a} {a.gateway or NO_GATEWAY} {a.vlan_id}" for a in more]
    return "\n".join(lines) + "\n"


def _set(instance: object, name: str, value: object) -> None:
    """Set a field of a frozen instance that is just being made."""
    object.__setattr__(instance, name, value)
