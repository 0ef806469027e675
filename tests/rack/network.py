"""The rack's network: a bridge in a namespace of its own, cables, a BMC's namespace."""

from tests.rack.layout import BRIDGE, SERVER, SERVICE, Layout, Slot
from tests.rack.shell import run
from tests.rack.state import State
from tests.rack.trunk import SERVICE_TAP, TRUNK


def make_rack(layout: Layout, state: State) -> None:
    """Make the rack's namespace: the server's address on a bridge, the gateway's on the VLAN."""
    space = layout.namespace
    state.add_namespace(space)
    run("ip", "netns", "add", space)
    for words in (
        ("link", "set", "lo", "up"),
        ("link", "add", BRIDGE, "type", "bridge", "forward_delay", "0"),
        ("address", "add", str(SERVER), "dev", BRIDGE),
        ("link", "set", BRIDGE, "up"),
        ("tuntap", "add", TRUNK, "mode", "tap"),
        ("link", "set", TRUNK, "master", BRIDGE, "up"),
        ("tuntap", "add", SERVICE_TAP, "mode", "tap"),
        ("address", "add", str(SERVICE), "dev", SERVICE_TAP),
        ("link", "set", SERVICE_TAP, "up"),
    ):
        run("ip", "-n", space, *words)


def make_cable(slot: Slot) -> None:
    """Make the cable of a machine: a tap, whose end QEMU takes for the network card."""
    space = slot.layout.namespace
    run("ip", "-n", space, "tuntap", "add", slot.tap, "mode", "tap")
    run("ip", "-n", space, "link", "set", slot.tap, "up")


def set_plugged(slot: Slot, *, plugged: bool) -> None:
    """Put the cable's far end into a switch, or take it out: frames pass, or they do not."""
    where = ("master", BRIDGE) if plugged else ("nomaster",)
    run("ip", "-n", slot.layout.namespace, "link", "set", slot.tap, *where)


def make_bmc(slot: Slot, state: State) -> None:
    """Make the namespace of a BMC, with its card `lan` on the bridge and no address."""
    space, bmc = slot.layout.namespace, slot.bmc_namespace
    state.add_namespace(bmc)
    run("ip", "netns", "add", bmc)
    run("ip", "-n", bmc, "link", "set", "lo", "up")
    outer = f"bmc{slot.number}"
    run(
        *("ip", "-n", space, "link", "add", outer, "type", "veth"),
        *("peer", "name", "lan", "address", slot.bmc_mac, "netns", bmc),
    )
    run("ip", "-n", space, "link", "set", outer, "master", BRIDGE, "up")
    run("ip", "-n", bmc, "link", "set", "lan", "up")
