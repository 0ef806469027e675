"""What facts may be, and how a system is told of them."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from profiles import values
from profiles.facts import Address, Facts, Link, as_json, as_lines, example


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hostname", "web 1"),
        ("hostname", "web.example"),
        ("hostname", "-web"),
        ("hostname", ""),
        ("hostname", "a" * 64),
        ("domain", "example..org"),
        ("domain", "a." * 100 + "org"),
        ("domain", "example.org\n"),
        ("uuid", "not a uuid"),
        ("bond_mode", "lacp"),
        ("disk", "/etc/passwd"),
        ("disk", "/dev/../etc/passwd"),
        ("disk", "/dev/sd a"),
        ("url", "ftp://bearman.example"),
        ("url", "http://bearman.example/$(reboot)"),
        ("url", "http://bearman.example/'"),
        ("token", "bmb_'; reboot"),
        ("nonce", "a\nb"),
        ("dns", ("192.0.2.53; reboot",)),
        ("dns", ("fe80::1%eth0",)),
        ("ssh_keys", ("ssh-ed25519 AAAA",)),
        ("ssh_keys", ('command="reboot" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAA',)),
        ("ssh_keys", (example().ssh_keys[0].replace("ed25519 ", "rsa "),)),
        ("ssh_keys", ("-----BEGIN OPENSSH PRIVATE KEY-----",)),
        ("links", ()),
        ("addresses", ()),
        ("links", (Link("eno1", "52:54:00:00:00:01"), Link("eno1", "52:54:00:00:00:02"))),
    ],
)
def test_a_value_that_is_not_what_its_name_says_is_refused(field: str, value: Any) -> None:
    with pytest.raises(ValueError):
        replace(example(), **{field: value})


@pytest.mark.parametrize(
    "arguments",
    [
        ("192.0.2.300", 24),
        ("192.0.2.1", 33),
        ("192.0.2.1", -1),
        ("192.0.2.1", 24, "198.51.100.1"),
        ("192.0.2.1", 24, "fe80::1"),
        ("192.0.2.1", 24, "", 4095),
        ("192.0.2.1", 24, "", -1),
    ],
)
def test_an_address_that_cannot_be_is_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError):
        Address(*arguments)


@pytest.mark.parametrize("name", ["", "eth 0", "a" * 16, "../x", "-x", "eth0;reboot", "eth0\n"])
def test_an_interface_name_that_linux_would_not_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="interface name"):
        Link(name, "52:54:00:00:00:01")


def test_values_get_one_form() -> None:
    facts = replace(
        example(),
        hostname="WEB-1",
        uuid="4C4C45440042351080 51B4C04F4D3132".replace(" ", ""),
        links=(Link("eno1", "52:54:00:AB:CD:EF"),),
        addresses=(Address("2001:DB8:0::10", 64, "fe80::1"),),
        url="http://[2001:db8::1]:8000/",
    )
    assert facts.hostname == "web-1"
    assert facts.fqdn == "web-1.example.org"
    assert replace(facts, domain="").fqdn == "web-1"
    assert facts.uuid == "4c4c4544-0042-3510-8051-b4c04f4d3132"
    assert facts.links[0].mac == "52:54:00:ab:cd:ef"
    assert facts.addresses[0].address == "2001:db8::10"
    assert facts.addresses[0].netmask == "ffff:ffff:ffff:ffff::"
    assert facts.url == "http://[2001:db8::1]:8000"


def test_free_text_becomes_plain() -> None:
    text = "\n-Power${net0/mac}Edge\" 'R640' $(reboot) `x`; a || b\\ "
    assert values.plain(text) == "_-Power__net0/mac_Edge_ _R640_ __reboot_ _x__ a __ b_"
    assert values.plain("  - item") == "_ item"
    assert len(values.plain("x" * 1000)) == 100
    assert replace(example(), vendor='"a": b').vendor == "_a__ b"


def test_the_comment_of_a_key_is_one_harmless_word() -> None:
    key = example().ssh_keys[0].split()
    facts = replace(example(), ssh_keys=(f" {key[0]}  {key[1]} Ada's $(key) ",))
    assert facts.ssh_keys == (f"{key[0]} {key[1]} Ada_s___key_",)


def test_facts_can_be_kept_as_json_and_made_again() -> None:
    kept = asdict(example())
    kept["links"] = tuple(Link(**link) for link in kept["links"])
    kept["addresses"] = tuple(Address(**address) for address in kept["addresses"])
    assert Facts(**kept) == example()


def test_secrets_are_in_no_representation_of_the_facts() -> None:
    facts = replace(example(), token="bmb_very-secret")
    assert facts.token not in repr(facts)
    assert facts.token not in str(as_json(facts)) + as_lines(facts)
    with pytest.raises(ValueError) as raised:
        replace(facts, token="bmb_very secret")
    assert "very" not in str(raised.value)


def test_a_system_is_told_of_itself_as_json() -> None:
    assert as_json(example()) == {
        "hostname": "web-1",
        "domain": "example.org",
        "addresses": [
            {
                "address": "192.0.2.10",
                "prefix_length": 24,
                "netmask": "255.255.255.0",
                "gateway": "192.0.2.1",
                "vlan_id": 120,
            },
            {
                "address": "2001:db8::10",
                "prefix_length": 64,
                "netmask": "",
                "gateway": "2001:db8::1",
                "vlan_id": 120,
            },
        ],
        "links": [{"name": "eno1", "mac": "52:54:00:12:34:01"}],
        "bond_mode": "",
        "dns": ["192.0.2.53", "2001:db8::53"],
        "ssh_keys": list(example().ssh_keys),
        "disk": "/dev/sda",
        "zone": "z1",
        "baremetal_id": "7",
    }


def test_a_system_is_told_of_itself_as_lines() -> None:
    facts = replace(
        example(),
        links=(*example().links, Link("eno2", "52:54:00:12:34:02")),
        bond_mode="active-backup",
        addresses=(Address("192.0.2.10", 24, "192.0.2.1"), Address("198.51.100.7", 25, "", 9)),
    )
    assert as_lines(facts) == (
        "hostname web-1\n"
        "domain example.org\n"
        "zone z1\n"
        "baremetal_id 7\n"
        "disk /dev/sda\n"
        "bond_mode active-backup\n"
        "address 192.0.2.10/24\n"
        "gateway 192.0.2.1\n"
        "vlan 0\n"
        "link eno1 52:54:00:12:34:01\n"
        "link eno2 52:54:00:12:34:02\n"
        "dns 192.0.2.53\n"
        "dns 2001:db8::53\n"
        f"ssh-key {facts.ssh_keys[0]}\n"
        "more-address 198.51.100.7/25 - 9\n"
    )


def test_lines_leave_out_what_is_empty() -> None:
    facts = Facts("web-1", "", example().links, (Address("192.0.2.10", 24),))
    assert as_lines(facts) == (
        "hostname web-1\naddress 192.0.2.10/24\nvlan 0\nlink eno1 52:54:00:12:34:01\n"
    )
