"""A bridge name and a private subnet that this machine does not use."""

import json
import random
import secrets
from ipaddress import IPv4Network
from pathlib import Path

from image_builder import programs
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode

# RFC 1918. 10/8 first, from a part of it that few sites number by hand.
CANDIDATES = (IPv4Network("10.192.0.0/10"), IPv4Network("172.16.0.0/12"), IPv4Network("10.0.0.0/8"))
DEFAULT_MTU = 1500


def bridge_name() -> str:
    """A name of at most 15 characters (IFNAMSIZ in linux/if.h) that no interface has."""
    while True:
        name = f"bmi{secrets.token_hex(4)}"
        if not Path("/sys/class/net", name).exists():
            return name


def free() -> IPv4Network:
    """A /24 that overlaps nothing this machine has a route to."""
    used = routes()
    for candidate in CANDIDATES:
        subnets = list(candidate.subnets(new_prefix=24))
        for subnet in random.sample(subnets, 64):
            if not any(subnet.overlaps(each) for each in used):
                return subnet
    raise BuildError(
        ExitCode.MACHINE,
        "No private subnet is free on this machine.",
        "Use an LXD that is set up already, with --lxd-socket.",
    )


def routes() -> list[IPv4Network]:
    """Where this machine's routes lead, without the default one."""
    text = programs.run(["ip", "-j", "-4", "route", "show", "table", "all"], "Reading the routes")
    targets = {route.get("dst", "default") for route in json.loads(text or "[]")}
    return [IPv4Network(target, strict=False) for target in targets - {"default", "0.0.0.0/0"}]


def mtu() -> int:
    """The MTU of the way out, in bytes: a bridge with a larger one would lose packets."""
    text = programs.run(["ip", "-j", "-4", "route", "show", "default"], "Reading the routes")
    for route in json.loads(text or "[]"):
        path = Path("/sys/class/net", route.get("dev", ""), "mtu")
        if path.is_file():
            return int(path.read_text())
    return DEFAULT_MTU
