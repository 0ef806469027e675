"""Machines whose configurations are compared with the golden files."""

from dataclasses import replace

from profiles.facts import Address, Facts, Link, example

FOUR = Address("192.0.2.10", 24, "192.0.2.1")
SIX = Address("2001:db8::10", 64, "2001:db8::1")
LINKS = (Link("eno1", "52:54:00:12:34:01"), Link("eno2", "52:54:00:12:34:02"))

ONE_NIC = replace(example(), addresses=(FOUR,), dns=("192.0.2.53",))
BOND_VLAN = replace(
    example(), links=LINKS, bond_mode="802.3ad", addresses=(replace(FOUR, vlan_id=120),)
)
IPV6 = replace(example(), addresses=(SIX,), dns=("2001:db8::53",))
DUAL_STACK = replace(example(), addresses=(FOUR, SIX))

MACHINES: dict[str, Facts] = {
    "one-nic": ONE_NIC,
    "bond-vlan": BOND_VLAN,
    "ipv6": IPV6,
    "dual-stack": DUAL_STACK,
}
