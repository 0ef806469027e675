"""Memory: what is missing, and which slot it is missing from."""

import re

import pytest

from nodes.expected.memory import GIB, MemoryPlan, Module, memory_findings, named, parse_memory
from nodes.expected.slots import odd_ones_out, slot_names
from nodes.inventory import parse_dmidecode
from tests.nodes.inventory.test_dmidecode_dumps import DUMPS

PLAN = MemoryPlan(16, 32)
ALL = [f"{bank}{slot}" for bank in "AB" for slot in range(1, 9)]


def modules(slots: list[str], gib: int = 32) -> list[Module]:
    return [Module(slot, gib * GIB) for slot in slots]


def words(present: list[Module], empty: list[str] | None = None, plan: MemoryPlan = PLAN) -> str:
    found = memory_findings(plan, present, empty or [])
    return " | ".join(f"{each.issue.code} {each.subject}: {each.message}" for each in found)


def test_what_was_ordered_is_no_finding() -> None:
    assert words(modules(ALL)) == ""
    assert words(modules(ALL), ["A9", "B9"]) == ""


def test_the_one_empty_slot_is_named() -> None:
    present = modules([slot for slot in ALL if slot != "B7"])
    expected = "EXP-002 B7: Expected 16 \u00d7 32 GiB, found 15: slot B7 is empty."
    assert words(present, ["B7"]) == expected
    present = modules([slot for slot in ALL if slot not in ("A7", "B7")])
    assert "found 14: slots A7 and B7 are empty." in words(present, ["A7", "B7"])


def test_among_many_empty_slots_the_odd_one_out_is_named() -> None:
    spare = [f"{bank}{slot}" for bank in "AB" for slot in range(9, 17)]
    present = modules([slot for slot in ALL if slot != "B7"])
    assert words(present, ["B7", *spare]) == (
        "EXP-002 B7: Expected 16 \u00d7 32 GiB, found 15: 17 slots are empty, of which B7 should "
        "be filled as the others are."
    )


def test_where_nothing_stands_out_the_empty_slots_are_listed() -> None:
    empty = [f"D{n}" for n in range(1, 13)]
    told = words(modules(["D20"]), empty, MemoryPlan(2, 32))
    assert "found 1: 12 slots are empty (D1, D2, D3, D4, D5, D6, D7, D8 and 4 more)." in told


def test_firmware_without_names_of_slots_is_no_reason_to_be_silent() -> None:
    assert "found 15; the firmware names no empty slot." in words(modules(ALL[:15]))
    assert words([], []) == (
        "EXP-005 memory: Expected 16 \u00d7 32 GiB, and the firmware names no memory module at all."
    )


def test_other_sizes_more_modules_and_unknown_ones_are_told() -> None:
    small = [*modules(ALL[:14]), *modules(ALL[14:], 16)]
    assert words(small) == (
        "EXP-003 B7 and B8: Expected 16 \u00d7 32 GiB, and B7 has 16 GiB and B8 has 16 GiB."
    )
    assert "EXP-004 memory: Expected 16 \u00d7 32 GiB, found 17 modules." in words(
        modules([*ALL, "C1"])
    )
    unknown = [*modules(ALL[:15]), Module("B8", None)]
    assert words(unknown) == (
        "EXP-005 memory: The firmware does not say how large the memory is in B8."
    )


def test_a_plan_is_read_and_written() -> None:
    assert str(parse_memory(" 16 X 32 ")) == "16x32"
    assert parse_memory(PLAN.words) == PLAN
    for text in ("", "16", "x32", "0x32", "16x0", "2000x1", "16x32TB", "16x32\n16x32"):
        with pytest.raises(ValueError, match="is no memory such as 16x32"):
            parse_memory(text)


def test_names_are_put_together() -> None:
    assert [named(["A"]), named(["A", "B"]), named([])] == ["A", "A and B", ""]


def test_boards_that_repeat_names_are_not_guessed_about() -> None:
    assert odd_ones_out(["DIMM 0", "DIMM 1"], ["DIMM 0", "DIMM 1"], 1) == []


def _cases() -> list[tuple[str, list[str], list[str]]]:
    found = []
    for dump in DUMPS:
        system = parse_dmidecode(dump.read_bytes())
        filled, empty = slot_names(system.dimms, system.empty_slots)
        if len(filled) >= 4 and empty:
            found.append((dump.stem, filled, empty))
    return found


@pytest.mark.skipif(not DUMPS, reason="no dumps; see test_dmidecode_dumps.py")
def test_a_module_taken_out_of_a_real_machine_is_rarely_looked_for_in_the_wrong_slot() -> None:
    right = wrong = silent = 0
    for _, filled, empty in _cases():
        for lost in filled:
            left = [slot for slot in filled if slot != lost]
            answer = odd_ones_out(left, [*empty, lost], 1)
            right += answer == [lost]
            silent += not answer
            wrong += answer not in ([], [lost])
    assert right > 300, (right, wrong, silent)
    assert wrong <= 3, (right, wrong, silent)


@pytest.mark.skipif(not DUMPS, reason="no dumps; see test_dmidecode_dumps.py")
def test_each_real_machine_is_as_its_own_order_says_and_one_module_less_is_found() -> None:
    tried = 0
    for dump in DUMPS:
        text = dump.read_bytes().decode("latin-1")
        system = parse_dmidecode(text)
        sizes = {dimm.size_bytes for dimm in system.dimms}
        size = next(iter(sizes), None)
        if len(sizes) != 1 or size is None or size % GIB or len(system.dimms) < 2:
            continue
        plan = MemoryPlan(len(system.dimms), size // GIB)
        present = [Module(dimm.slot or "", dimm.size_bytes) for dimm in system.dimms]
        assert memory_findings(plan, present, []) == [], dump.stem
        less = parse_dmidecode(_without_last(text))
        if len(less.dimms) == len(system.dimms):
            continue
        present = [Module(dimm.slot or "", dimm.size_bytes) for dimm in less.dimms]
        empty = [slot.slot or "?" for slot in less.empty_slots]
        codes = [found.issue.code for found in memory_findings(plan, present, empty)]
        assert codes == ["EXP-002"], dump.stem
        tried += 1
    assert tried > 80


def _without_last(text: str) -> str:
    sizes = list(re.finditer(r"^\tSize: \d+ [MG]B$", text, re.MULTILINE))
    last = sizes[-1]
    return f"{text[: last.start()]}\tSize: No Module Installed{text[last.end() :]}"
