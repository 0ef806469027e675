"""The parts of a machine that have firmware, and how their versions are read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.firmware import (
    Component,
    ComponentKind,
    DiskFacts,
    NicFacts,
    ReadWith,
    Rule,
    components_of,
    parse_mc_info,
    read_back,
)
from nodes.firmware.components import nic_models

MC_INFO = """Device ID                 : 32
Device Revision           : 1
Firmware Revision         : 4.22
IPMI Version              : 2.0
Manufacturer ID           : 674
Manufacturer Name         : DELL Inc
Additional Device Support :
    Sensor Device
Aux Firmware Rev Info     :
    0x00
    0x1e
    0x00
    0x00
"""


def adapters(*nics: NicFacts) -> list[Component]:
    found = components_of(bios_version="", bios_date=None, bmc_version="", nics=nics, disks=())
    return [component for component in found if component.kind is ComponentKind.NIC]


def test_ports_of_one_adapter_are_one_component() -> None:
    first, second = adapters(
        NicFacts("eno2", "mlx5_core", "22.31.1014 (MT_0000000359)", "0000:31:00.1"),
        NicFacts("eno1", "mlx5_core", "22.31.1014 (MT_0000000359)", "0000:31:00.0"),
        NicFacts("eno3", "mlx5_core", "22.31.1014 (MT_0000000359)", "0000:98:00.0"),
    )
    assert (first.target, first.title) == ("eno1", "NIC eno1 and eno2 (mlx5_core)")
    assert second.subject == "NIC eno3"


def test_ports_that_differ_or_are_on_no_bus_stand_alone() -> None:
    assert (
        len(
            adapters(
                NicFacts("a", "tg3", "1", "0000:31:00.0"), NicFacts("b", "tg3", "2", "0000:31:00.1")
            )
        )
        == 2
    )
    assert len(adapters(NicFacts("a", "", "", ""), NicFacts("b", "", "", ""))) == 2


@pytest.mark.parametrize(
    ("driver", "firmware", "models"),
    [
        ("mlx5_core", "22.31.1014 (MT_0000000359)", ("mlx5_core", "mlx5_core MT_0000000359")),
        ("bnxt_en", "214.4.42.1/pkg 21.65.33.33", ("bnxt_en",)),
        ("tg3", "5719-v1.46 NCSI v1.5.18.0", ("tg3", "tg3 5719")),
        ("tg3", "FFV21.81.3 bc 5720-v1.39", ("tg3", "tg3 5720")),
        ("i40e", "8.50 0x8000b6c7 1.3082.0", ("i40e",)),
        ("", "8.50", ()),
    ],
)
def test_an_adapter_is_known_by_its_driver_and_its_make(
    driver: str, firmware: str, models: tuple[str, ...]
) -> None:
    assert nic_models(driver, firmware) == models


def test_a_rule_picks_by_kind_and_model_without_regard_to_case() -> None:
    disk, unknown = components_of(
        bios_version="2.1",
        bios_date=None,
        bmc_version="",
        nics=(),
        disks=[DiskFacts("sda", "ST4000NM0295", "DS05"), DiskFacts("sdb", "", "")],
    )[2:]
    rule = Rule("dell*", "*R640", ComponentKind.DISK, "st4000*", "exact", "DS06", True)
    assert (rule.picks(disk), rule.picks(unknown)) == (True, False)
    assert rule.fits("Dell Inc.", "PowerEdge R640")
    assert not rule.fits("HPE", "PowerEdge R640")


def test_mc_info_gives_the_version_and_the_bytes_that_say_something() -> None:
    assert parse_mc_info(MC_INFO) == "4.22 aux 00.1e.00.00"
    assert parse_mc_info(MC_INFO.replace("0x1e", "0x00")) == "4.22"
    assert parse_mc_info(MC_INFO.replace("\n", "\r\n").encode()) == "4.22 aux 00.1e.00.00"


@pytest.mark.parametrize(
    "text",
    ["", "Could not open device at /dev/ipmi0", "Firmware Revision : 4.22; rm -rf /", "\0" * 99],
)
def test_mc_info_without_a_version_gives_none(text: str) -> None:
    assert parse_mc_info(text) == ""


@given(st.sampled_from(list(ReadWith)), st.binary(max_size=300))
def test_no_reading_breaks_the_reader(read_with: ReadWith, reading: bytes) -> None:
    found = read_back(read_with=read_with, reading=reading, target="sda")
    assert len(found.version) <= 256
    assert found.version.isprintable()


def test_each_reader_finds_the_version_in_what_its_program_prints() -> None:
    lsblk = {"blockdevices": [{"name": "sda", "type": "disk", "size": "3.6T", "rev": "DS05"}]}
    bios = b"BIOS Information\n\tVendor: Dell Inc.\n\tVersion: 2.1.3\n\n"
    readings = {
        ReadWith.DMIDECODE: (bios, "2.1.3"),
        ReadWith.IPMITOOL: (MC_INFO.encode(), "4.22 aux 00.1e.00.00"),
        ReadWith.ETHTOOL: (b"driver: i40e\nfirmware-version: 8.50 0x8000b6c7\n", "8.50 0x8000b6c7"),
        ReadWith.LSBLK: (json.dumps(lsblk).encode(), "DS05"),
        ReadWith.TOOL: (b"\n 6.10.30.00 \nrest", "6.10.30.00"),
    }
    for read_with, (reading, version) in readings.items():
        assert read_back(read_with=read_with, reading=reading, target="sda").version == version


def test_another_disk_says_nothing_of_this_one() -> None:
    lsblk = {"blockdevices": [{"name": "sdb", "type": "disk", "size": "3.6T", "rev": "DS05"}]}
    reading = json.dumps(lsblk).encode()
    assert read_back(read_with=ReadWith.LSBLK, reading=reading, target="sda").version == ""


def test_an_enormous_reading_is_cut_and_quick() -> None:
    text = ("Aux Firmware Rev Info     :\n" + "    0x19\n" * 200_000).encode()
    assert parse_mc_info(text) == ""
    assert (
        len(read_back(read_with=ReadWith.TOOL, reading=b"9" * 10_000_000, target="").version) <= 256
    )
