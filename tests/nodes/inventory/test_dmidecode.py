"""What is read of the machine as a whole: golden texts, identity, board, chassis, firmware."""

import json
from datetime import date
from pathlib import Path

import pytest

from nodes.inventory import parse_dmidecode
from tests.nodes.inventory.builder import structure, system

TEXTS = Path(__file__).parent / "texts"


def test_a_rack_server_comes_out_whole() -> None:
    found = parse_dmidecode((TEXTS / "rack_server.txt").read_bytes()).as_dict()
    dimms, warnings = found.pop("dimms"), found.pop("warnings")
    assert found == {
        "vendor": "Northgate",
        "product_name": "RX-4200 Super Server",
        "serial": "NG7Q0042",
        "uuid": "6f2a11c8-90d3-11ec-8c5e-3cecef0a1b2c",
        "sku": None,
        "bios_vendor": "Firmware House: Europe",
        "bios_version": "2.9.4",
        "bios_date": "2023-03-14",
        "board_vendor": "Northgate",
        "board_product": "X12-DPU",
        "board_serial": "VM20000017",
        "chassis_type": "Rack Mount Chassis",
        "chassis_serial": "C826-0001",
        "asset_tag": "row 7, unit 12",
        "cpu_sockets_populated": 2,
        "cpu_model": "Intel(R) Xeon(R) Gold 6326 CPU @ 2.90GHz",
        "cpu_cores": 32,
        "cpu_threads": 64,
        "memory_bytes": 192 * 2**30,
    }
    assert dimms == [
        {
            "slot": "P1-DIMMA1",
            "size_bytes": 64 * 2**30,
            "type": "DDR4",
            "speed_mts": 3200,
            "manufacturer": "Samsung",
            "part_number": "M393A8G40AB2-CWE",
            "serial": "03A7F15C",
        },
        {
            "slot": "P2-DIMMA1",
            "size_bytes": 128 * 2**30,
            "type": "DDR4",
            "speed_mts": 2933,
            "manufacturer": "80CE000080CE",
            "part_number": None,
            "serial": None,
        },
    ]
    assert warnings == [
        "dimms: part_number: placeholder 'Dimm4_PartNum_____'",
        "dimms: serial: placeholder '00000000'",
        "sku: placeholder 'To Be Filled By O.E.M.'",
    ]


def test_a_server_of_the_nineties_read_by_an_old_dmidecode_comes_out_whole() -> None:
    found = parse_dmidecode((TEXTS / "old_server.txt").read_text())
    assert (found.vendor, found.product_name) == ("Northgate", "Server 300")
    assert found.serial == "0000001200"
    assert found.uuid is None
    assert found.bios_vendor == "Phoenix Technologies Ltd."
    assert found.bios_date == date(1998, 10, 7)
    assert (found.cpu_sockets_populated, found.cpu_model) == (1, "Pentium(R) II")
    assert (found.cpu_cores, found.cpu_threads) == (None, None)
    assert found.memory_bytes == 128 * 2**20
    assert [(d.slot, d.type) for d in found.dimms] == [("DIMM1", "ECC DIMM SDRAM")]
    assert "uuid: placeholder 'Not Settable'" in found.warnings


def test_the_published_keys_are_the_agreed_ones_in_their_order() -> None:
    assert list(parse_dmidecode("").as_dict()) == [
        *("vendor", "product_name", "serial", "uuid", "sku"),
        *("bios_vendor", "bios_version", "bios_date"),
        *("board_vendor", "board_product", "board_serial"),
        *("chassis_type", "chassis_serial", "asset_tag"),
        *("cpu_sockets_populated", "cpu_model", "cpu_cores", "cpu_threads"),
        *("memory_bytes", "dimms", "warnings"),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "no such file or directory", b"\xff\x00\xfe", b""])
def test_text_without_any_structure_gives_nothing_and_says_so(text: str | bytes) -> None:
    found = parse_dmidecode(text).as_dict()
    assert "dmidecode: no structure found in the text" in found.pop("warnings")
    assert found.pop("dimms") == []
    assert set(found.values()) == {None}


def test_a_missing_section_is_null_and_named() -> None:
    found = parse_dmidecode(system(Manufacturer="Northgate"))
    assert found.vendor == "Northgate"
    assert (found.bios_vendor, found.board_vendor, found.chassis_type) == (None, None, None)
    assert (found.cpu_sockets_populated, found.memory_bytes) == (None, None)
    assert "dmidecode: no Chassis Information" in found.warnings


def test_a_missing_line_is_null_without_a_warning() -> None:
    found = parse_dmidecode(system(Manufacturer="Northgate"))
    assert found.sku is None
    assert not [warning for warning in found.warnings if warning.startswith("sku")]


def test_the_first_system_wins_but_a_truncated_one_does_not() -> None:
    truncated = "Handle 0x0001, DMI type 1, 27 bytes\n\t<TRUNCATED>\n\n"
    second = structure(1, 2, {"Manufacturer": "Northgate"})
    third = structure(1, 3, {"Manufacturer": "Southgate"})
    found = parse_dmidecode(truncated + second + third)
    assert found.vendor == "Northgate"
    assert "dmidecode: it found the firmware's table damaged" in found.warnings


def test_a_blade_is_hosted_by_its_server_blade_not_by_a_mezzanine_card() -> None:
    mezzanine = structure(2, 0x20, {"Product Name": "Mezzanine", "Type": "I/O Module"})
    blade = structure(2, 0x21, {"Product Name": "Planar", "Type": "Server Blade"})
    assert parse_dmidecode(mezzanine + blade).board_product == "Planar"


def test_a_motherboard_wins_over_a_riser_even_when_it_names_no_features() -> None:
    riser = structure(2, 0x20, {"Product Name": "Riser", "Type": "Daughter Board"})
    main = structure(2, 0x21, {"Product Name": "Main", "Type": "Motherboard"})
    assert parse_dmidecode(riser + main).board_product == "Main"


def test_a_board_that_hosts_wins_over_one_of_unknown_type() -> None:
    panel = structure(2, 0x20, {"Product Name": "Panel", "Type": "Unknown"})
    hosting = structure(
        2, 0x21, {"Product Name": "Main", "Features": "\n\t\tBoard is a hosting board"}
    )
    assert parse_dmidecode(panel + hosting).board_product == "Main"


def test_the_chassis_is_the_one_that_the_board_is_in() -> None:
    board = structure(2, 0x20, {"Type": "Motherboard", "Chassis Handle": "0x0031"})
    outer = structure(3, 0x30, {"Type": "Blade Enclosing", "Serial Number": "E1"})
    inner = structure(3, 0x31, {"Type": "Blade", "Serial Number": "B1"})
    found = parse_dmidecode(board + outer + inner)
    assert (found.chassis_type, found.chassis_serial) == ("Blade", "B1")


def test_a_chassis_handle_that_leads_nowhere_gives_the_first_chassis() -> None:
    board = structure(2, 0x20, {"Type": "Motherboard", "Chassis Handle": "0xFFFF"})
    chassis = structure(3, 0x30, {"Type": "Tower"}) + structure(3, 0x31, {"Type": "Other"})
    assert parse_dmidecode(board + chassis).chassis_type == "Tower"


@pytest.mark.parametrize("kind", ["Unknown", "<OUT OF SPEC>"])
def test_a_chassis_type_that_says_nothing_is_null(kind: str) -> None:
    found = parse_dmidecode(structure(3, 0x30, {"Type": kind}))
    assert found.chassis_type is None
    assert f"chassis_type: placeholder {kind!r}" in found.warnings


@pytest.mark.parametrize(
    "text",
    ["--", "Not Settable", "Not Present", "", "0" * 8 + "-0000-0000-0000-" + "0" * 12, "F" * 32],
)
def test_a_uuid_that_is_none_is_null_with_a_warning(text: str) -> None:
    found = parse_dmidecode(system(Manufacturer="Northgate", UUID=text))
    assert found.uuid is None
    assert [w for w in found.warnings if w.startswith(("uuid: placeholder", "uuid: blank"))]


@pytest.mark.parametrize(
    "uuid",
    [
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "12345678-1234-5678-90AB-CDDEEFAABBCC",
        "11111111-1111-1111-1111-111111111111",
    ],
)
def test_a_uuid_that_many_machines_share_is_kept_with_a_warning(uuid: str) -> None:
    found = parse_dmidecode(system(Manufacturer="Northgate", UUID=uuid))
    assert found.uuid == uuid.lower()
    assert f"uuid: shared by many machines '{uuid.lower()}'" in found.warnings


def test_an_unreadable_uuid_is_null_with_a_warning() -> None:
    found = parse_dmidecode(system(Manufacturer="Northgate", UUID="6f2a11c8-90d3"))
    assert found.uuid is None
    assert "uuid: unreadable '6f2a11c8-90d3'" in found.warnings


def test_a_missing_uuid_line_is_null_with_a_warning() -> None:
    assert "uuid: missing" in parse_dmidecode(system(Manufacturer="Northgate")).warnings


def test_an_unreadable_date_is_null_with_a_warning() -> None:
    found = parse_dmidecode(structure(0, 0, {"Vendor": "Northgate", "Release Date": "spring"}))
    assert found.bios_date is None
    assert "bios_date: unreadable 'spring'" in found.warnings


def test_the_result_is_json() -> None:
    found = parse_dmidecode((TEXTS / "rack_server.txt").read_bytes()).as_dict()
    assert json.loads(json.dumps(found)) == found
