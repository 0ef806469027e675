"""The rack as a whole, from `with` to its end."""

import os
import shutil
import socket
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Self

from tests.rack import bmc, images, network, qemu, services
from tests.rack.cables import Cables, Port
from tests.rack.children import Children
from tests.rack.layout import (
    BMC_FIRST,
    BMC_LAST,
    SERVER,
    SERVICE,
    SERVICE_FIRST,
    SERVICE_LAST,
    SERVICE_VLAN,
    SWITCHES,
    WEB_PORT,
    Layout,
    Model,
    Slot,
)
from tests.rack.server import USER, Server
from tests.rack.shell import run
from tests.rack.state import clear_leftovers, new_state

ZONE, PROFILE = "rack", "debian"
PROGRAMS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "ipmi_sim": "openipmi",
    "ipmitool": "ipmitool",
    "dnsmasq": "dnsmasq-base",
    "lldpd": "lldpd",
    "socat": "socat",
    "curl": "curl",
    "ip": "iproute2",
    "ping": "iputils-ping",
    "ssh": "openssh-client",
    str(services.LOADER): "ipxe",
    qemu.OVMF: "ovmf",
}


class Rack:
    """Machines, their BMCs, a switch, DHCP and Bearman; all of it ends with the `with`."""

    def __init__(
        self,
        *,
        settings: Mapping[str, str] = MappingProxyType({}),
        ways_out: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """`settings` are Bearman's; `ways_out` are ports of loopback that it may reach, by name."""
        self.cleared = clear_leftovers()
        self.folder = Path(tempfile.mkdtemp(prefix="bearman-rack-"))
        self._state = new_state(str(os.getpid()), self.folder)
        self.layout = Layout(self.folder, self._state.run)
        self.children = Children(self._state, self.folder)
        self.cables = Cables(self.layout)
        self._ways_out = ways_out
        self.server = Server(self.layout, self.children, settings)
        self.machines: dict[int, Slot] = {}
        self._key = self.folder / "key"
        self.admin_port, self.grpc_port = _free_ports(2)

    @property
    def admin(self) -> str:
        """The Admin's address on this machine's loopback."""
        return f"http://127.0.0.1:{self.admin_port}"

    @property
    def grpc(self) -> str:
        """The gRPC address on this machine's loopback."""
        return f"127.0.0.1:{self.grpc_port}"

    @property
    def public_key(self) -> str:
        """The key for the deploy form, with which `ssh` logs in."""
        return self._key.with_suffix(".pub").read_text().strip()

    def __enter__(self) -> Self:
        try:
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "rack", "-f", self._key)
            network.make_rack(self.layout, self._state)
            for name, port in self._ways_out.items():
                services.open_way_out(self.layout, self.children, name, port)
            self.server.start()
            services.start_trunk(self.layout, self.children)
            services.start_meter(self.layout, self.children)
            services.start_dhcp(self.layout, self.children)
            for switch in SWITCHES:
                services.start_switch(self.layout, self.children, switch)
            ways = (("admin", WEB_PORT, self.admin_port), ("grpc", 50051, self.grpc_port))
            for name, inner, outer in ways:
                target = f"{SERVER.ip}:{inner}"
                services.open_way(self.layout, self.children, name, target, outer)
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def prepare(self) -> None:
        """Tell Bearman of a zone, addresses, images and a profile, and make an administrator."""
        command = self.server.command
        command("createsuperuser", "--noinput")
        command("zone_create", ZONE, "--network", str(SERVER.network))
        with ThreadPoolExecutor(2) as both:
            done = [both.submit(self._pools), both.submit(self._images)]
        for each in done:
            each.result()
        self.server.token = command("operator_token_create", USER, "rack").split()[-1]

    def add(self, model: Model | None = None, port: Port | None = None) -> Slot:
        """Rack a machine: cable it and give its BMC power. The machine itself stays off.

        Without a port it is plugged into that of its own number in the first switch.
        """
        number = len(self.machines) + 1
        slot = self.layout.machine(number, model)
        slot.folder.mkdir()
        network.make_cable(slot)
        network.make_bmc(slot, self._state)
        qemu.make_disk(slot)
        bmc.start(slot, self.children)
        self.cables.plug(slot, port or Port(SWITCHES[0], number))
        self.machines[number] = slot
        return slot

    def ssh(self, address: str) -> list[str]:
        """Return the command that logs in at an address with the rack's key, to run inside."""
        options = (
            *("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"),
            *("BatchMode=yes", "ConnectTimeout=20"),
        )
        words = [word for option in options for word in ("-o", option)]
        return ["ssh", *words, "-i", str(self._key), "-l", "root", address]

    def down(self, *, keep: Path | None = None) -> None:
        """End everything; with `keep` the consoles and logs go into that folder.

        Doing it twice does no harm. Machines that are on end with the namespace.
        """
        self.server.stop()
        self.children.end_all()
        if keep:
            self._keep(keep)
        self._state.clear()

    def _keep(self, keep: Path) -> None:
        keep.mkdir(parents=True, exist_ok=True)
        for log in [*self.folder.glob("*.log"), *self.folder.glob("machine-*/*.log")]:
            prefix = "" if log.parent == self.folder else f"{log.parent.name}-"
            shutil.copy(log, keep / f"{prefix}{log.name}")

    def _pools(self) -> None:
        make = ("ipman_pool_create", "--zone", ZONE)
        self.server.command(
            *(*make, "--purpose", "ipmi", "--first", BMC_FIRST, "--last", BMC_LAST, "bmcs"),
            *("--prefix-length", str(SERVER.network.prefixlen), "--gateway", str(SERVER.ip)),
        )
        self.server.command(
            *(*make, "--purpose", "service", "--first", SERVICE_FIRST, "--last", SERVICE_LAST),
            *("--prefix-length", str(SERVICE.network.prefixlen), "--gateway", str(SERVICE.ip)),
            *("--vlan", str(SERVICE_VLAN), "services"),
        )

    def _images(self) -> None:
        for name in (images.STAGE_ONE, images.SYSTEM):
            self.server.command("image_add", str(images.folder(name)))
        script = Path(__file__).parents[2] / "boot_scripts" / "install" / "network.sh"
        words = ("profile_create", PROFILE, "--image", images.SYSTEM, "--script", str(script))
        self.server.command(*words)


def missing() -> str:
    """Return what has to be there before a rack can be made; empty where all is."""
    if os.getuid() != 0:
        return "the virtual rack needs root, for its network namespaces"
    packages = sorted({package for program, package in PROGRAMS.items() if not _is_there(program)})
    if packages:
        return f"not installed: {' '.join(packages)}; `make rack-packages` installs them"
    return ""


def _is_there(name: str) -> bool:
    return Path(name).exists() if name.startswith("/") else bool(shutil.which(name))


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
