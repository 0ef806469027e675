"""Memory: which devices count, how large they are, and when the sum is doubted."""

import pytest

from nodes.inventory import Dmidecode, parse_dmidecode
from nodes.inventory.dmi_memory import MAX_DIMMS
from tests.nodes.inventory.builder import device, structure


def warnings_about(found: Dmidecode, beginning: str) -> list[str]:
    return [warning for warning in found.warnings if warning.startswith(beginning)]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("512 kB", 512 * 2**10),
        ("512 KB", 512 * 2**10),
        ("16384 MB", 16 * 2**30),
        ("48 GB", 48 * 2**30),
        ("1 TB", 2**40),
        ("129408 MB", 129408 * 2**20),
        ("2097152 bytes", 2**21),
    ],
)
def test_sizes_in_every_unit_come_out_in_bytes(size: str, expected: int) -> None:
    found = parse_dmidecode(device(1, Size=size))
    assert (found.dimms[0].size_bytes, found.memory_bytes) == (expected, expected)


@pytest.mark.parametrize("size", ["No Module Installed", "0 MB", "", "Not Installed"])
def test_an_empty_slot_is_left_out(size: str) -> None:
    found = parse_dmidecode(device(1, Size=size, Manufacturer="Samsung") + device(2))
    assert [dimm.slot for dimm in found.dimms] == ["DIMM 2"]


def test_machines_whose_slots_are_all_empty_have_unknown_memory() -> None:
    found = parse_dmidecode(device(1, Size="No Module Installed"))
    assert (found.dimms, found.memory_bytes) == ((), None)
    assert "dimms: no populated slot" in found.warnings


def test_a_module_of_unknown_size_counts_when_something_else_speaks_for_it() -> None:
    named = device(1, Size="Unknown", Part_Number="M393A8G40AB2-CWE")
    nameless = device(2, Size="Unknown", Part_Number="NO DIMM", Speed="Unknown")
    found = parse_dmidecode(named + nameless + device(3))
    assert [(dimm.slot, dimm.size_bytes) for dimm in found.dimms] == [
        ("DIMM 1", None),
        ("DIMM 3", 16 * 2**30),
    ]
    assert found.memory_bytes == 16 * 2**30
    assert "dimms: unknown size" in found.warnings


def test_a_size_at_the_end_of_the_old_field_is_taken_as_32_gib() -> None:
    found = parse_dmidecode(device(1, Size="32767 MB"))
    assert found.memory_bytes == 32 * 2**30
    assert warnings_about(found, "dimms: size over the firmware's range")


def test_an_impossible_size_is_unknown() -> None:
    assert parse_dmidecode(device(1, Size="999999999999 PB")).dimms[0].size_bytes is None


@pytest.mark.parametrize("kind", ["ROM", "Flash", "EEPROM", "FEPROM", "EPROM"])
def test_a_chip_that_holds_firmware_is_no_memory(kind: str) -> None:
    found = parse_dmidecode(device(1) + device(2, Size="16 MB", Type=kind))
    assert [dimm.slot for dimm in found.dimms] == ["DIMM 1"]


@pytest.mark.parametrize("handle", [0, 0x1001])
def test_what_is_in_a_flash_array_is_no_memory(handle: int) -> None:
    array = structure(16, handle, {"Use": "Flash Memory"})
    inside = device(1, Array_Handle=f"0x{handle:04X}", Size="8 MB")
    found = parse_dmidecode(array + inside + device(2))
    assert [dimm.slot for dimm in found.dimms] == ["DIMM 2"]


def test_persistent_memory_counts_and_is_mentioned() -> None:
    optane = device(1, Size="129408 MB", Type_Detail="Synchronous Non-Volatile")
    found = parse_dmidecode(optane)
    assert found.memory_bytes == 129408 * 2**20
    assert "memory_bytes: has persistent memory in it" in found.warnings


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ({"Speed": "3200 MT/s", "Configured Memory Speed": "2933 MT/s"}, 3200),
        ({"Speed": "Unknown", "Configured Memory Speed": "2933 MT/s"}, 2933),
        ({"Speed": "Unknown", "Configured Clock Speed": "1866 MHz"}, 1866),
        ({"Speed": "667 MHz (1.5 ns)"}, 667),
        ({"Speed": "Unknown"}, None),
        ({}, None),
    ],
)
def test_the_speed_is_what_the_module_can_do_else_what_it_is_set_to(
    lines: dict[str, str], expected: int | None
) -> None:
    assert parse_dmidecode(device(1, **lines)).dimms[0].speed_mts == expected


def test_a_module_keeps_its_bank_beside_a_slot_name_that_repeats() -> None:
    first = device(1, Locator="DIMM 0", Bank_Locator="P0 CHANNEL A")
    second = device(2, Locator="DIMM 0", Bank_Locator="P0 CHANNEL B")
    found = parse_dmidecode(first + second)
    assert [(d.slot, d.bank) for d in found.dimms] == [
        ("DIMM 0", "P0 CHANNEL A"),
        ("DIMM 0", "P0 CHANNEL B"),
    ]
    assert "bank" not in found.as_dict()["dimms"][0]


def test_a_slot_without_a_name_is_called_by_its_bank() -> None:
    found = parse_dmidecode(device(1, Locator="Not Specified", Bank_Locator="BANK 3"))
    assert found.dimms[0].slot == "BANK 3"


def test_a_bare_number_is_the_name_of_a_slot() -> None:
    assert parse_dmidecode(device(1, Locator="0")).dimms[0].slot == "0"


@pytest.mark.parametrize("kind", ["Unknown", "<OUT OF SPEC>"])
def test_a_type_that_says_nothing_is_null(kind: str) -> None:
    assert parse_dmidecode(device(1, Type=kind)).dimms[0].type is None


def test_the_type_other_is_kept_since_the_specification_defines_it() -> None:
    assert parse_dmidecode(device(1, Type="Other")).dimms[0].type == "Other"


def test_older_module_structures_count_only_where_there_is_no_memory_device() -> None:
    module = structure(6, 6, {"Socket Designation": "J1", "Installed Size": "512 MB (Double-bank)"})
    assert parse_dmidecode(module).memory_bytes == 512 * 2**20
    assert parse_dmidecode(module + device(1)).memory_bytes == 16 * 2**30


@pytest.mark.parametrize(("mapped", "doubted"), [("16 GB", False), ("8 GB", False), ("7 GB", True)])
def test_memory_is_doubted_when_less_than_half_of_it_is_mapped(mapped: str, doubted: bool) -> None:
    area = structure(19, 0x1300, {"Range Size": mapped, "Physical Array Handle": "0x1000"})
    found = parse_dmidecode(device(1) + area)
    assert bool(warnings_about(found, "memory_bytes: modules of")) is doubted


def test_the_range_of_a_flash_array_is_not_counted_as_mapped() -> None:
    flash = structure(16, 0x1001, {"Use": "Flash Memory"})
    area = structure(19, 0x1300, {"Range Size": "4 MB", "Physical Array Handle": "0x1001"})
    found = parse_dmidecode(device(1) + flash + area)
    assert not warnings_about(found, "memory_bytes: modules of")


def test_one_placeholder_in_many_modules_is_one_warning() -> None:
    found = parse_dmidecode("".join(device(n, Manufacturer="Undefined") for n in range(8)))
    assert [dimm.manufacturer for dimm in found.dimms] == [None] * 8
    assert "dimms: manufacturer: placeholder 'Undefined' (8 times)" in found.warnings


def test_more_modules_than_any_machine_has_are_cut_off_with_a_warning() -> None:
    found = parse_dmidecode("".join(device(number) for number in range(MAX_DIMMS + 1)))
    assert len(found.dimms) == MAX_DIMMS
    assert f"dimms: only the first {MAX_DIMMS} are read" in found.warnings


def test_empty_slots_keep_their_names() -> None:
    nothing = {"Size": "No Module Installed"}
    found = parse_dmidecode(
        device(1)
        + device(2, Locator="B7", Bank_Locator="Not Specified", **nothing)
        + device(3, Locator="NO DIMM", Bank_Locator="P0 CHANNEL A", **nothing)
        + device(4, Locator="4", **nothing)
        + device(5, Type="Flash", **nothing)
    )
    assert [(slot.slot, slot.bank) for slot in found.empty_slots] == [
        ("B7", None),
        (None, "P0 CHANNEL A"),
        ("4", None),
    ]
    assert "empty_slots" not in found.as_dict()


def test_a_hostile_number_of_empty_slots_is_cut() -> None:
    text = "".join(device(n, Size="No Module Installed") for n in range(MAX_DIMMS + 5))
    assert len(parse_dmidecode(text).empty_slots) == MAX_DIMMS
