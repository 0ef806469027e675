"""The same machine in every layout and encoding that a dump may have."""

import codecs
from pathlib import Path

import pytest

from nodes.inventory import parse_dmidecode
from tests.nodes.inventory.builder import device, structure, system

TEXT = (Path(__file__).parent / "texts" / "rack_server.txt").read_text()
EXPECTED = parse_dmidecode(TEXT)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("Northgate", "North\0gate").encode(),
        TEXT.replace("\t", "    ").encode(),
        TEXT.replace("\t", "  ").encode(),
        TEXT.replace("\n\n", "\n\n\n").encode(),
        ("$ sudo dmidecode\n" + TEXT + "\n$ exit\nlogout\n").encode(),
        (TEXT + TEXT).encode(),
    ],
    ids=range(13),
)
def test_encodings_line_ends_indentation_and_surroundings_change_nothing(data: bytes) -> None:
    assert parse_dmidecode(data) == EXPECTED


def test_dmidecode_quiet_has_no_handles_but_the_same_values() -> None:
    lines = TEXT.split("\n")
    quiet = "\n".join(line for line in lines if "Handle" not in line)
    found = parse_dmidecode(quiet)
    assert (found.vendor, found.serial, found.uuid) == ("Northgate", "NG7Q0042", EXPECTED.uuid)
    assert (found.board_product, found.bios_date) == ("X12-DPU", EXPECTED.bios_date)
    assert found.processors == EXPECTED.processors
    # Without handles nothing links the ROM to the flash array; its size stays below notice.
    assert found.dimms[:2] == EXPECTED.dimms


def test_latin_1_in_a_value_is_kept() -> None:
    data = system(Manufacturer="Müller").encode("latin-1")
    assert parse_dmidecode(data).vendor == "Müller"


def test_a_structure_whose_handle_line_is_damaged_is_known_by_its_title() -> None:
    chassis = structure(3, 3, {"Type": "Tower", "Serial Number": "T1"})
    damaged = "1F7E3D18" + chassis[chassis.index("\n") :]
    for before in (structure(7, 7, {"Serial Number": "cache"}), system(Manufacturer="Northgate")):
        found = parse_dmidecode(before + damaged)
        assert (found.chassis_type, found.chassis_serial) == ("Tower", "T1")


def test_lines_of_a_structure_without_handle_and_known_title_are_nobody_elses() -> None:
    stray = "3f2d\nPortable Battery\n\tSerial Number: battery\n"
    assert parse_dmidecode(system(Manufacturer="Northgate") + stray).serial is None


def test_blank_lines_between_fields_end_nothing() -> None:
    text = "Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: A\n\n"
    text += "\tProduct Name: B\n\n\n\tSerial Number: C123\n"
    found = parse_dmidecode(text)
    assert (found.vendor, found.product_name, found.serial) == ("A", "B", "C123")


def test_a_line_without_a_colon_among_the_fields_is_passed_over() -> None:
    text = system(Manufacturer="Northgate", Serial_Number="C123")
    found = parse_dmidecode(text.replace("\tSerial", "\t97946E993916094B22613E03\n\tSerial"))
    assert (found.vendor, found.serial) == ("Northgate", "C123")


def test_items_of_a_list_are_never_fields() -> None:
    text = structure(0, 0, {"Characteristics": "\n\t\tVendor: wrong", "Vendor": "right"})
    assert parse_dmidecode(text).bios_vendor == "right"


def test_the_first_of_two_equal_lines_wins() -> None:
    text = system(Manufacturer="first") + "\tManufacturer: second\n"
    assert parse_dmidecode(text).vendor == "first"


def test_a_structure_printed_twice_counts_once_but_equal_handles_may_differ() -> None:
    assert len(parse_dmidecode(device(1) + device(1)).dimms) == 1
    other = device(1, Locator="DIMM 9")
    assert len(parse_dmidecode(device(1) + other).dimms) == 2


def test_values_lose_control_characters_and_are_cut() -> None:
    found = parse_dmidecode(
        system(Manufacturer="A\x1b[31mB\u202eC\ud800", Product_Name="x" * 9 + "y" * 999)
    )
    assert found.vendor == "A[31mBC"
    assert found.product_name is not None
    assert len(found.product_name) == 256
