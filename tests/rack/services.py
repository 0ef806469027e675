"""What a machine room has besides machines: DHCP, a switch that speaks LLDP, ways in."""

import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from simulator.demo.product import PROJECT
from tests.rack.children import Children
from tests.rack.layout import (
    BRIDGE,
    DHCP_FIRST,
    DHCP_LAST,
    LOADER_PORT,
    SERVER,
    SERVICE_VLAN,
    Layout,
)
from tests.rack.shell import RackError, inside, run

SWITCH_SECONDS = 10
LOADER = Path("/usr/lib/ipxe/ipxe.efi")  # Debian's package ipxe
METER = "meter"
NO_PORT = "none"  # a pattern that fits no interface


def start_dhcp(layout: Layout, children: Children) -> None:
    """Start dnsmasq: addresses, and what to boot, in two rounds for what is not iPXE yet."""
    tftp = layout.folder / "tftp"
    tftp.mkdir()
    shutil.copy(LOADER, tftp)
    loader = f"http://{SERVER.ip}:{LOADER_PORT}/{LOADER.name}"
    words = [
        *("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root"),
        *(f"--interface={BRIDGE}", "--bind-interfaces", "--except-interface=lo"),
        *(f"--dhcp-range={DHCP_FIRST},{DHCP_LAST},255.255.0.0,1h", "--dhcp-authoritative"),
        *("--no-ping", f"--dhcp-leasefile={layout.folder / 'leases'}", "--log-dhcp"),
        *("--log-facility=-", f"--pid-file={layout.folder / 'dnsmasq.pid'}"),
        *("--enable-tftp", f"--tftp-root={tftp}"),
        *dhcp_boot(f"{layout.url}/ipxe/${{uuid}}?mac=${{netX/mac}}", loader),
    ]
    children.start("dnsmasq", inside(layout.namespace, *words))
    serve = ("-m", "http.server", str(LOADER_PORT), "--bind", str(SERVER.ip))
    there = inside(layout.namespace, sys.executable, *serve, "--directory", str(tftp))
    children.start("loader", there)


def dhcp_boot(script: str, loader: str) -> list[str]:
    """Return what dnsmasq must be told of booting, as docs/dhcp.md has it for operators.

    Option 175 is iPXE's. Of the architectures (RFC 5970, as IANA lists them) 0 is a BIOS, 7 and 9
    are UEFI on x86-64; 16 is the same by HTTP, which wants its own class (option 60) in the answer.
    """
    return [
        "--dhcp-match=set:ipxe,175",
        "--dhcp-match=set:bios,option:client-arch,0",
        "--dhcp-match=set:efi,option:client-arch,7",
        "--dhcp-match=set:efi,option:client-arch,9",
        "--dhcp-match=set:http,option:client-arch,16",
        f"--dhcp-boot=tag:ipxe,{script}",
        "--dhcp-boot=tag:bios,tag:!ipxe,undionly.kpxe",
        f"--dhcp-boot=tag:efi,tag:!ipxe,{LOADER.name}",
        "--dhcp-option-force=tag:http,tag:!ipxe,60,HTTPClient",
        f"--dhcp-boot=tag:http,tag:!ipxe,{loader}",
    ]


def start_trunk(layout: Layout, children: Children) -> None:
    """Start what gives the gateway of the deployed systems its VLAN."""
    words = [sys.executable, "-m", "tests.rack.trunk", str(SERVICE_VLAN)]
    children.start("trunk", inside(layout.namespace, *words), folder=PROJECT)


def start_meter(layout: Layout, children: Children) -> None:
    """Start what measures for how long machines wait for Bearman."""
    words = [sys.executable, "-m", "tests.rack.meter"]
    children.start(METER, inside(layout.namespace, *words), folder=PROJECT)


def start_switch(layout: Layout, children: Children, name: str) -> None:
    """Start lldpd, which says on each cable that is plugged in that this is the switch NAME."""
    socket = layout.folder / f"{name}.sock"
    words = ["lldpd", "-dd", "-u", str(socket), "-I", NO_PORT, "-S", "a switch of the rack"]
    children.start(name, inside(layout.namespace, *words))
    limit = time.monotonic() + SWITCH_SECONDS
    while not socket.exists():
        if time.monotonic() > limit:
            said = children.last_words(name)
            raise RackError(f"lldpd for {name} did not start; the end of what it said:\n{said}")
        time.sleep(0.1)
    # An announcement every 5 s, where real switches take 30: less to wait for.
    for setting in (f"system hostname {name}", "lldp tx-interval 5"):
        run("lldpcli", "-u", socket, "configure", *setting.split())


def set_ports(layout: Layout, switch: str, ports: Mapping[str, int]) -> None:
    """Have a switch speak on these taps, on each as the port of that number, and on no other."""
    ask = ("lldpcli", "-u", layout.folder / f"{switch}.sock", "configure")
    run(*ask, "system", "interface", "pattern", ",".join(ports) or NO_PORT)
    for tap, number in ports.items():
        run(*ask, "ports", tap, "lldp", "portidsubtype", "local", str(number))


def open_way_out(layout: Layout, children: Children, name: str, port: int) -> None:
    """Make a port of the rack's loopback lead to the same port of this machine's loopback."""
    socket = layout.folder / f"{name}.way"
    outer = f"UNIX-LISTEN:{socket},fork,mode=600"
    children.start(f"{name}-outer", ["socat", outer, f"TCP:127.0.0.1:{port}"])
    inner = f"TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr"
    words = ["socat", inner, f"UNIX-CONNECT:{socket}"]
    children.start(f"{name}-inner", inside(layout.namespace, *words))


def open_way(layout: Layout, children: Children, name: str, target: str, port: int) -> None:
    """Make a port of this machine's loopback lead to an address in the rack."""
    socket = layout.folder / f"{name}.way"
    words = ["socat", f"UNIX-LISTEN:{socket},fork,mode=600", f"TCP:{target}"]
    children.start(f"{name}-inner", inside(layout.namespace, *words))
    outer = f"TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr"
    children.start(f"{name}-outer", ["socat", outer, f"UNIX-CONNECT:{socket}"])
