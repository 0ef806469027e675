"""What a machine room has besides machines: DHCP, a switch that speaks LLDP, ways in."""

import sys
import time

from simulator.demo.product import PROJECT
from tests.rack.children import Children
from tests.rack.layout import BRIDGE, DHCP_FIRST, DHCP_LAST, SERVICE_VLAN, Layout
from tests.rack.shell import RackError, inside, run

SWITCH_SECONDS = 10


def start_dhcp(layout: Layout, children: Children) -> None:
    """Start dnsmasq: addresses, and where iPXE asks what to boot (it fills in `${...}` itself)."""
    boot = f"{layout.url}/ipxe/${{uuid}}?mac=${{mac}}"
    words = [
        *("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root"),
        *(f"--interface={BRIDGE}", "--bind-interfaces", "--except-interface=lo"),
        *(f"--dhcp-range={DHCP_FIRST},{DHCP_LAST},255.255.0.0,1h", "--dhcp-authoritative"),
        *("--no-ping", f"--dhcp-leasefile={layout.folder / 'leases'}", "--log-dhcp"),
        *("--log-facility=-", f"--pid-file={layout.folder / 'dnsmasq.pid'}"),
        f"--dhcp-boot={boot}",
    ]
    children.start("dnsmasq", inside(layout.namespace, *words))


def start_trunk(layout: Layout, children: Children) -> None:
    """Start what gives the gateway of the deployed systems its VLAN."""
    words = [sys.executable, "-m", "tests.rack.trunk", str(SERVICE_VLAN)]
    children.start("trunk", inside(layout.namespace, *words), folder=PROJECT)


def start_switch(layout: Layout, children: Children, name: str) -> None:
    """Start lldpd, which says on each port NAME-N that it is port N of the switch NAME."""
    socket = layout.folder / f"{name}.sock"
    words = ["lldpd", "-dd", "-u", str(socket), "-I", f"{name}-*", "-S", "a switch of the rack"]
    children.start(name, inside(layout.namespace, *words))
    limit = time.monotonic() + SWITCH_SECONDS
    while not socket.exists():
        if time.monotonic() > limit:
            raise RackError(f"lldpd for {name} did not start; see {name}.log.")
        time.sleep(0.1)
    # An announcement every 5 s, where real switches take 30: less to wait for.
    for setting in (f"system hostname {name}", "lldp tx-interval 5"):
        run("lldpcli", "-u", socket, "configure", *setting.split())


def name_port(layout: Layout, switch: str, number: int) -> None:
    """Let a port say its number instead of a MAC address."""
    socket = layout.folder / f"{switch}.sock"
    words = ("configure", "ports", f"{switch}-{number}", "lldp", "portidsubtype", "local")
    run("lldpcli", "-u", socket, *words, str(number))


def open_way(layout: Layout, children: Children, name: str, target: str, port: int) -> None:
    """Make a port of this machine's loopback lead to an address in the rack."""
    socket = layout.folder / f"{name}.way"
    words = ["socat", f"UNIX-LISTEN:{socket},fork,mode=600", f"TCP:{target}"]
    children.start(f"{name}-inner", inside(layout.namespace, *words))
    outer = f"TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr"
    children.start(f"{name}-outer", ["socat", outer, f"UNIX-CONNECT:{socket}"])
