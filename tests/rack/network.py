"""The rack's network: a bridge in a namespace of its own, ports of a switch, a BMC's namespace."""

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


def plug(slot: Slot, port: str) -> None:
    """Make a port of the switch: a tap, which QEMU takes for the machine's network card."""
    space = slot.layout.namespace
    run("ip", "-n", space, "tuntap", "add", port, "mode", "tap")
    run("ip", "-n", space, "link", "set", port, "master", BRIDGE, "up")


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
