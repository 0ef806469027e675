"""Firmware of simulated machines: what the tools do to it, and what shows afterwards."""

import threading
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from nodes.firmware.mc_info import parse_mc_info
from nodes.inventory import parse_dmidecode
from simulator.bmc import SimulatedBmc
from simulator.board import Board
from simulator.chips import Chips, UnknownImageError, mark, read_mark
from simulator.fabric import Stand
from simulator.fault import Fault, Trick
from simulator.flashing import ToolHangsError, ToolLostPowerError, flash, reading, run_tool
from simulator.hardware.identity import Identity, IdentityFactory

BENCH = IdentityFactory(3, ["ThinkSystem SR650 V3"]).make()
ADAPTER = BENCH.uplinks[0]
NEW_CARD = "22.43.2026 (MT_0000000359)"


def board(folder: Path, trick: Trick | None = None) -> Board:
    bmc = SimulatedBmc("bench", guid=UUID(BENCH.uuid))
    fault = Fault("some", "is broken", trick=trick) if trick else None
    return Board(0, BENCH, bmc, fault, folder, Stand("r1", 1), {}, Chips(BENCH))


@pytest.fixture
def bench(tmp_path: Path) -> Board:
    return board(tmp_path)


def image(folder: Path, component: str, version: str) -> str:
    file = folder / "image"
    file.write_bytes(b"\x7fELF\0\xff" + mark(component, version) + b"\xff" * 100)
    return str(file)


def run(bench: Board, program: str, *words: str) -> tuple[int, str]:
    answer = run_tool(bench, program, words, threading.Event())
    assert answer is not None
    return answer.code, answer.output


def test_a_mark_is_found_in_the_middle_of_a_file() -> None:
    assert read_mark(b"\0\1\2 # " + mark("bios", "2.19.1 a") + b"rest") == ("bios", "2.19.1 a")
    with pytest.raises(UnknownImageError, match="not for this device"):
        read_mark(b"a file of something else")


def test_a_bmc_runs_its_new_firmware_at_once(bench: Board, tmp_path: Path) -> None:
    assert run(bench, "fwupdmgr", "install", image(tmp_path, "bmc", "4.22"), "--assume-yes")[0] == 0
    assert parse_mc_info(reading(bench, "ipmitool", "bmc", "")).startswith("4.22")
    assert bench.bmc.device_id.encode()[2:4] == bytes([4, 0x22])


def test_a_bios_needs_a_restart(bench: Board, tmp_path: Path) -> None:
    def shown() -> str | None:
        return parse_dmidecode(bench.outputs().dmidecode).bios_version

    before = shown()
    assert run(bench, "simulated-flash", image(tmp_path, "bios", "ESE126A-4.00"), "")[0] == 0
    assert shown() == before == BENCH.model.bios["version"]
    bench.chips.restart()
    assert shown() == "ESE126A-4.00"
    assert b"ESE126A-4.00" in reading(bench, "dmidecode", "bios", "")
    assert reading(bench, "tool", "bios", "") == b"ESE126A-4.00\n"


@pytest.mark.parametrize("device", [ADAPTER.name, ADAPTER.bus, ADAPTER.bus[5:]])
def test_mstflint_burns_all_ports_of_a_card(bench: Board, tmp_path: Path, device: str) -> None:
    words = ("--device", device, "--image", image(tmp_path, "nic", NEW_CARD), "--yes", "burn")
    assert run(bench, "mstflint", *words)[0] == 0
    code, shown = run(bench, "mstflint", "-d", device, "query")
    assert code == 0
    assert "FW Version:            22.43.2026\nFW Version(Running):   22.41.1000\n" in shown
    bench.chips.restart()
    assert "FW Version(Running)" not in run(bench, "mstflint", "-d", device, "q")[1]
    others = {name: text for name, text in bench.ethtool().items() if NEW_CARD in text.decode()}
    assert set(others) == {port.name for port in BENCH.uplinks}


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("mstflint", ["-d", "eth9", "query"]),
        ("mstflint", ["-d", ADAPTER.name, "destroy"]),
        ("mstflint", ["-d", ADAPTER.name, "-i", "/nowhere", "burn"]),
        ("fwupdmgr", ["install", "/nowhere"]),
        ("fwupdmgr", ["get-details", "/nowhere"]),
        ("fwupdmgr", ["frobnicate"]),
        ("simulated-flash", ["/nowhere", ""]),
        ("simulated-flash", ["/nowhere", "", "--version"]),
        ("simulated-flash", []),
    ],
)
def test_what_a_tool_cannot_do_it_says_with_a_code(
    bench: Board, program: str, words: list[str]
) -> None:
    code, output = run(bench, program, *words)
    assert (code, bool(output)) == (1, True)


def test_an_image_for_another_device_is_refused(bench: Board, tmp_path: Path) -> None:
    assert run(bench, "simulated-flash", image(tmp_path, "disk", "X"), "sdzz")[0] == 1
    name = BENCH.disks[0].name
    assert run(bench, "simulated-flash", image(tmp_path, "disk", "NEWREV1"), name)[0] == 0
    assert b'"rev": "NEWREV1"' in reading(bench, "lsblk", "disk", name)


def test_tools_tell_versions_where_they_are_asked_to(bench: Board, tmp_path: Path) -> None:
    file = image(tmp_path, "bmc", "9.99")
    assert (
        f"Current version:    {BENCH.model.bmc.firmware}\n"
        in run(bench, "fwupdmgr", "get-details", file)[1]
    )
    assert run(bench, "simulated-flash", file, "", "--version") == (
        0,
        f"{BENCH.model.bmc.firmware}\n",
    )


def test_tools_lie_fail_hang_and_lose_power_as_they_are_told(tmp_path: Path) -> None:
    def flashed(trick: Trick) -> tuple[Board, Callable[[], int]]:
        bench = board(tmp_path, trick)
        return bench, lambda: flash(bench, "", mark("bmc", "9.99")).code

    liar, lie = flashed(Trick.FLASH_LIES)
    assert lie() == 0
    assert liar.chips.identity == BENCH
    assert flashed(Trick.FLASH_FAILS)[1]() == 1
    with pytest.raises(ToolHangsError):
        flashed(Trick.FLASH_HANGS)[1]()
    cut, attempt = flashed(Trick.FLASH_LOSES_POWER)
    with pytest.raises(ToolLostPowerError):
        attempt()
    assert attempt() == 0
    assert cut.chips.identity.model.bmc.firmware == "9.99"


def test_a_machine_without_updates_is_as_it_came() -> None:
    def versions(identity: Identity) -> list[str]:
        return [identity.model.bios["version"], *(p.nic.firmware for p in identity.ports)]

    chips = Chips(BENCH)
    chips.restart()
    assert versions(chips.identity) == versions(BENCH)
