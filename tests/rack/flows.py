"""A machine's two ways, registration and deployment, each stage with its time."""

from contextlib import suppress

from protos.bearman.v1 import baremetal_pb2, nodes_pb2
from simulator.fault import INSTALLED, READY
from simulator.operator_view import OperatorView, state_name, status_name
from tests.rack import bmc
from tests.rack.admin import Admin
from tests.rack.layout import Slot
from tests.rack.meter import waited
from tests.rack.rack import PROFILE, Rack
from tests.rack.services import METER
from tests.rack.shell import RackError, inside, run
from tests.rack.watch import Times, console_text, wait_console, wait_for

# Emulated, on computers that have other work as well: the product's own deadlines are shorter.
BOOT_SECONDS, STEP_SECONDS = 600, 300
FIRST_WORDS = "Loading, please wait"  # of Debian's initramfs
REGISTER = "running /run/bearman/register.sh"
KEXEC = "running /run/bearman/kexec.sh"
LOADS = "bearman: step kexec"  # what it says after that may be lost as it jumps


class Flows:
    """What happens to one machine, and what Bearman and the network say of it."""

    def __init__(self, rack: Rack, slot: Slot, operator: OperatorView) -> None:
        self.rack, self.slot, self.operator = rack, slot, operator

    @property
    def node(self) -> nodes_pb2.NodeSummary | None:
        """What Bearman says of the machine, which it knows by its serial number."""
        serial = self.slot.serial
        return next((n for n in self.operator.nodes().values() if n.serial == serial), None)

    @property
    def row(self) -> baremetal_pb2.Baremetal | None:
        """Its deployment."""
        node = self.node
        return self.operator.baremetals().get(node.id) if node else None

    def register(self) -> Times:
        """Press its button, and wait until it is READY and off."""
        times = Times(f"Machine {self.slot.number}, power button to READY")
        bmc.button(self.slot)
        self._marked(times, FIRST_WORDS, "kernel of stage one")
        self._marked(times, REGISTER, "register.sh")
        self._marked(times, "bearman: registered as node", "known to Bearman")
        self._marked(times, "bearman: step bmc", "cables and firmware judged")
        self._marked(times, "bearman: step confirm", "BMC set through KCS")
        self.wait_status(READY)
        times.mark("BMC proven over the network: READY")
        self.wait_off()
        times.mark("off")
        times.waited = self._waited(times)
        return times

    def deploy(self, hostname: str, profile: str = PROFILE) -> None:
        """Fill in the Admin's form for it, with the rack's SSH key."""
        node = self.node
        assert node is not None
        with Admin(self.rack.admin, self.rack.server.password) as admin:
            admin.deploy(node.id, profile, hostname=hostname, ssh_keys=self.rack.public_key)

    def follow(self) -> Times:
        """Follow a deployment until it is INSTALLED; the machine is off yet."""
        times, before = Times(f"Machine {self.slot.number}, deploy to INSTALLED"), self.said()
        wait_for(self.slot, "power", lambda: bmc.is_on(self.slot), STEP_SECONDS)
        times.mark("power")
        self._marked(times, FIRST_WORDS, "kernel of stage one", after=before)
        self._marked(times, KEXEC, "kexec.sh", after=before)
        self._marked(times, LOADS, "fetched and verified", after=before)
        loads = before + console_text(self.slot)[before:].index(LOADS)
        self._marked(times, FIRST_WORDS, "kernel of stage two", after=loads)
        self._marked(times, "step profile", "the system is up", after=loads)
        self.wait_state(INSTALLED)
        times.mark(INSTALLED)
        times.waited = times.stages[0][1] + self._waited(times)
        return times

    def said(self) -> int:
        """How much its console has said until now."""
        return len(console_text(self.slot))

    def wait_said(self, words: str, after: int = 0) -> None:
        """Wait until the console says something."""
        wait_console(self.slot, words, BOOT_SECONDS, after=after)

    def wait_status(self, wanted: str) -> nodes_pb2.NodeSummary:
        """Wait until the node has a status."""

        def look() -> nodes_pb2.NodeSummary | None:
            node = self.node
            return node if node and status_name(node) == wanted else None

        return wait_for(self.slot, wanted, look, BOOT_SECONDS)

    def wait_state(self, wanted: str) -> baremetal_pb2.Baremetal:
        """Wait until the deployment has a state."""

        def look() -> baremetal_pb2.Baremetal | None:
            row = self.row
            return row if row and state_name(row) == wanted else None

        return wait_for(self.slot, wanted, look, BOOT_SECONDS)

    def wait_jump(self) -> None:
        """Wait until it has told Bearman that it jumps into its system."""

        def look() -> bool:
            row = self.row
            return row is not None and row.step == "stage_two"

        wait_for(self.slot, "jump", look, BOOT_SECONDS)

    def wait_off(self) -> None:
        """Wait until the machine is dark."""
        wait_for(self.slot, "power-off", lambda: not bmc.is_on(self.slot), STEP_SECONDS)

    def wait_ping(self, address: str, seconds: float = BOOT_SECONDS) -> None:
        """Wait until something answers at an address."""
        wait_for(self.slot, f"answer at {address}", lambda: self.pings(address), seconds)

    def pings(self, address: str) -> bool:
        """Whether a system answers at its service address, over the service VLAN."""
        with suppress(RackError):
            run(*inside(self.rack.layout.namespace, "ping", "-c", "1", "-W", "2", bare(address)))
            return True
        return False

    def ssh(self, address: str, command: str) -> str:
        """Run a command in the deployed system over SSH, once its sshd is there."""
        there = inside(self.rack.layout.namespace, *self.rack.ssh(bare(address)), command)

        def look() -> str:
            with suppress(RackError):
                return run(*there)
            return ""

        return wait_for(self.slot, f"SSH at {address}", look, STEP_SECONDS)

    def _waited(self, times: Times) -> float:
        node = self.node
        log = self.rack.folder / f"{METER}.log"
        return waited(log, node.address, times.began_at) if node else 0.0

    def _marked(self, times: Times, words: str, stage: str, after: int = 0) -> None:
        self.wait_said(words, after)
        times.mark(stage)


def bare(address: str) -> str:
    """Return an address without its prefix length."""
    return address.partition("/")[0]
