"""What a machine boots: its boot order, the BMC's override, the disk; on a real BMC fleet."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import pytest

from profiles.cpio import newc
from simulator.bmc import BmcFleet, PowerAction, SimulatedBmc
from simulator.board import Board, Ending, Kexec
from simulator.chips import Chips
from simulator.demo.ports import free_udp_port
from simulator.fabric import Stand
from simulator.fault import DEPLOYING, INSTALLED, READY, UNREGISTERED, Fault, Outcome, Trick
from simulator.hardware.identity import IdentityFactory
from simulator.ipmitool import Answer
from simulator.life import Phase
from simulator.machine import Machine
from simulator.seed import Seed
from simulator.software import Software
from tests.simulator.bmc.rig import wait_until
from tests.simulator.test_firmware import Web, serving

IDENTITY = IdentityFactory(5).make()
STAND = Stand("r1", 1)
STAGE_ONE = "#!ipxe\nkernel http://b/vmlinuz bearman.token=t\nboot\n"
SYSTEM = "#!ipxe\nkernel http://b/vmlinuz console=ttyS0\ninitrd {url}/seed/u\nboot\n"
NOTHING = "#!ipxe\necho it is retired\nexit\n"
LINES = "url http://b\ngrpc b:1\nuuid u\ntoken secret-token\nnonce of-this-boot\n"
FLAGS, ONCE, ALWAYS = 5, 0x80, 0xC0
PXE, DISK, SETUP = 1, 2, 6


def seed_archive(lines: str = LINES, mode: int = 0o600) -> bytes:
    return newc([("bearman/seed", mode, lines.encode())])


class Recorded:
    """Software that does at once what it is told, and remembers what it was given."""

    frozen = False

    def __init__(self) -> None:
        self.stage_one: Ending | Kexec = Ending(Outcome(READY, lit=False), "")
        self.given: list[tuple[str, Seed]] = []

    def software(self) -> Software:
        return Software(lambda *_: _StageOne(self), lambda *_: _System(self), fetches=False)


class _StageOne:
    frozen = False

    def __init__(self, record: Recorded) -> None:
        self._record = record

    def run(self, _arguments: str) -> Ending | Kexec | None:
        return self._record.stage_one

    def answer(self, _program: str, _arguments: Sequence[str]) -> Answer | None:
        return None


class _System:
    def __init__(self, record: Recorded) -> None:
        self._record = record

    def run(self, arguments: str, seed: Seed) -> Ending | None:
        self._record.given.append((arguments, seed))
        return Ending(Outcome(INSTALLED, lit=True), "it is up")


class Bench:
    """One machine on a bench."""

    def __init__(self, web: Web, fleet: BmcFleet, folder: Path, trick: Trick | None) -> None:
        self.record = Recorded()
        self.bmc = SimulatedBmc("bench", guid=UUID(IDENTITY.uuid))
        fault = Fault("some", "is broken", trick=trick)
        self.machine = Machine(
            Board(0, IDENTITY, self.bmc, fault, folder, STAND, {}, Chips(IDENTITY)),
            url=web.url,
            boot_delay=(0.0, 0.0),
            software=self.record.software(),
            settled=lambda _: self.settled.release(),
        )
        self.settled = threading.Semaphore(0)
        fleet.add(self.bmc)

    def switch(self, action: PowerAction) -> Ending | None:
        """Switch it over the BMC, wait until it is at rest, and say what became of it."""
        self.bmc.switch(action)
        assert self.settled.acquire(timeout=5)
        return self.machine.deployed or self.machine.ending


class Benches:
    """Makes benches, and takes them down."""

    def __init__(self, web: Web, fleet: BmcFleet, folder: Path) -> None:
        self.web, self._fleet, self._folder = web, fleet, folder
        self._made: list[Bench] = []

    def bench(self, trick: Trick | None = None) -> Bench:
        bench = Bench(self.web, self._fleet, self._folder, trick)
        self._made.append(bench)
        return bench

    def close(self) -> None:
        for bench in self._made:
            bench.machine.begin_stop()
            bench.machine.wait_stopped()


@pytest.fixture
def benches(tmp_path: Path) -> Iterator[Benches]:
    web = Web(ipxe=[(200, STAGE_ONE)])
    with serving(web), BmcFleet(free_udp_port()) as fleet:
        benches = Benches(web, fleet, tmp_path)
        yield benches
        benches.close()


def words(ending: Ending | None) -> str:
    assert ending is not None
    return ending.words


def test_with_nothing_to_boot_a_machine_sits_there_lit_until_its_power_is_cut(
    benches: Benches,
) -> None:
    bench = benches.bench()
    benches.web.answers["ipxe"] = [(200, NOTHING)]
    ending = bench.switch(PowerAction.ON)
    assert (words(ending), bench.machine.phase) == ("it is retired", Phase.LIT)
    bench.bmc.switch(PowerAction.OFF)
    wait_until(lambda: bench.machine.phase is Phase.OFF)


def test_the_disk_comes_first_where_the_boot_order_says_so_but_not_before_an_override(
    benches: Benches,
) -> None:
    bench = benches.bench(Trick.DISK_FIRST)
    assert words(bench.switch(PowerAction.ON)) == "it boots an old system on its disk"
    bench.bmc.put_boot_option(FLAGS, bytes([ONCE, PXE << 2, 0, 0, 0]))
    ending = bench.switch(PowerAction.CYCLE)
    assert ending is not None
    assert ending.outcome == Outcome(READY, lit=False)
    assert words(bench.switch(PowerAction.ON)) == "it boots an old system on its disk"


def test_an_override_for_all_boots_is_not_used_up(benches: Benches) -> None:
    bench = benches.bench(Trick.DISK_FIRST)
    bench.bmc.put_boot_option(FLAGS, bytes([ALWAYS, PXE << 2, 0, 0, 0]))
    for _ in range(2):
        ending = bench.switch(PowerAction.ON)
        assert ending is not None
        assert ending.outcome == Outcome(READY, lit=False)


def test_a_forgotten_boot_device_leads_to_the_disk_once(benches: Benches) -> None:
    bench = benches.bench(Trick.FORGETS_OVERRIDE)
    bench.bmc.faults.forgets_boot_device = True
    for expected in (INSTALLED, READY):
        bench.bmc.put_boot_option(FLAGS, bytes([ONCE, PXE << 2, 0, 0, 0]))
        ending = bench.switch(PowerAction.ON if expected == INSTALLED else PowerAction.CYCLE)
        assert ending is not None
        assert (ending.outcome.status == READY) == (expected == READY)


def test_firmware_that_is_to_show_its_setup_boots_nothing(benches: Benches) -> None:
    bench = benches.bench()
    bench.bmc.put_boot_option(FLAGS, bytes([ONCE, SETUP << 2, 0, 0, 0]))
    assert words(bench.switch(PowerAction.ON)) == "it is in its firmware's setup"
    assert benches.web.asked == []


def test_an_empty_disk_hands_on_to_the_network(benches: Benches) -> None:
    bench = benches.bench()
    bench.bmc.put_boot_option(FLAGS, bytes([ONCE, DISK << 2, 0, 0, 0]))
    ending = bench.switch(PowerAction.ON)
    assert ending is not None
    assert ending.outcome.status == READY


def test_a_system_from_the_network_gets_its_command_line_and_its_seed(benches: Benches) -> None:
    bench, web = benches.bench(), benches.web
    web.answers |= {"ipxe": [(200, SYSTEM.format(url=web.url))]}
    web.answers["seed/u"] = [(200, seed_archive().decode())]
    ending = bench.switch(PowerAction.ON)
    assert (words(ending), bench.machine.phase) == ("it is up", Phase.RUNNING)
    ((arguments, seed),) = bench.record.given
    assert arguments == "console=ttyS0"
    assert (seed.token, seed.nonce) == ("secret-token", "of-this-boot")
    assert "secret-token" not in repr(seed)


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (newc([]), "has no /bearman/seed"),
        (seed_archive(mode=0o644), "others could read it"),
        (seed_archive(LINES.replace("nonce", "nuance")), "does not say nonce"),
    ],
)
def test_a_seed_that_is_of_no_use_leaves_the_system_silent(
    benches: Benches, archive: bytes, reason: str
) -> None:
    bench, web = benches.bench(), benches.web
    web.answers |= {"ipxe": [(200, SYSTEM.format(url=web.url))]}
    web.answers["seed/u"] = [(200, archive.decode())]
    ending = bench.switch(PowerAction.ON)
    assert reason in words(ending)
    assert bench.machine.phase is Phase.LIT


def test_a_kexec_leads_to_the_system_with_the_seed_at_the_end_of_its_initramfs(
    benches: Benches,
) -> None:
    bench = benches.bench()
    bench.record.stage_one = Kexec("quiet", b"\x1f\x8bcomp" + b"\0\0" + seed_archive())
    assert words(bench.switch(PowerAction.ON)) == "it is up"
    assert bench.record.given[0][0] == "quiet"


def test_a_secret_on_the_command_line_is_never_taken(benches: Benches) -> None:
    bench = benches.bench()
    bench.record.stage_one = Kexec("bearman.token=secret-token", seed_archive())
    assert words(bench.switch(PowerAction.ON)) == "the kernel command line holds the secret"


def test_what_hangs_in_its_kexec_only_notices_a_power_cut(benches: Benches) -> None:
    bench = benches.bench(Trick.KEXEC_HANGS)
    bench.record.stage_one = Kexec("quiet", seed_archive())
    ending = bench.switch(PowerAction.ON)
    assert ending is not None
    assert (ending.outcome.status, ending.hangs) == (DEPLOYING, True)
    bench.bmc.switch(PowerAction.SOFT_OFF)
    assert not bench.settled.acquire(timeout=0.2)
    assert bench.bmc.powered
    bench.bmc.switch(PowerAction.OFF)
    wait_until(lambda: bench.machine.phase is Phase.OFF)


def test_a_system_that_runs_shuts_down_when_its_power_button_is_pressed(benches: Benches) -> None:
    bench = benches.bench()
    bench.record.stage_one = Kexec("quiet", seed_archive())
    bench.switch(PowerAction.ON)
    bench.bmc.switch(PowerAction.SOFT_OFF)
    wait_until(lambda: bench.machine.phase is Phase.OFF and not bench.bmc.powered)


def test_power_that_goes_while_a_server_is_away_ends_the_waiting(benches: Benches) -> None:
    bench = benches.bench()
    benches.web.answers["ipxe"] = [(503, "")]
    bench.bmc.switch(PowerAction.ON)
    wait_until(lambda: len(benches.web.asked) == 1)
    bench.switch(PowerAction.OFF)
    assert bench.machine.phase is Phase.OFF
    benches.web.answers["ipxe"] = [(200, NOTHING)]
    ending = bench.switch(PowerAction.ON)
    assert ending is not None
    assert ending.outcome == Outcome(UNREGISTERED, lit=True)
