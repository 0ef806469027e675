"""What the programs of simulated machines print, read back by the product's own parsers."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.inventory import parse_dmidecode, parse_ethtool_i, parse_ip_link, parse_lsblk
from simulator.hardware import linux
from simulator.hardware.catalogue import models
from simulator.hardware.dmi_memory import device_length, size
from simulator.hardware.dmidecode import dmidecode
from simulator.hardware.identity import Identity, IdentityFactory

HANDLE = re.compile(r"^Handle 0x([0-9A-F]{4}), DMI type (\d+), (\d+) bytes$", re.MULTILINE)


def one_of_each_model() -> list[Identity]:
    factory = IdentityFactory(7)
    return [factory.make() for _ in models()]


each_model = pytest.mark.parametrize("machine", one_of_each_model(), ids=lambda m: m.model.name)


@each_model
def test_dmidecode_tells_who_the_machine_is(machine: Identity) -> None:
    parsed = parse_dmidecode(dmidecode(machine))
    assert (parsed.serial, parsed.uuid) == (machine.serial, machine.uuid)
    assert (parsed.vendor, parsed.product_name) == (machine.vendor, machine.product)
    assert parsed.board_serial == machine.board_serial
    assert parsed.bios_version == machine.model.bios["version"]
    assert parsed.bios_date is not None


@each_model
def test_dmidecode_tells_what_the_machine_has(machine: Identity) -> None:
    parsed, model = parse_dmidecode(dmidecode(machine)), machine.model
    assert parsed.cpu_sockets_populated == model.sockets_populated
    assert parsed.cpu_cores == model.cpu.cores * model.sockets_populated
    assert parsed.cpu_threads == model.cpu.threads * model.sockets_populated
    assert parsed.memory_bytes == (model.dimm.size_mib << 20) * model.slots_populated
    assert [dimm.serial for dimm in parsed.dimms] == list(machine.dimm_serials)
    assert len({dimm.slot for dimm in parsed.dimms}) == model.slots_populated
    assert {dimm.speed_mts for dimm in parsed.dimms} == {model.dimm.mts}


@each_model
def test_dmidecode_has_the_layout_of_the_real_program(machine: Identity) -> None:
    text = dmidecode(machine).decode()
    found = HANDLE.findall(text)
    handles, kinds = [handle for handle, _, _ in found], {int(kind) for _, kind, _ in found}
    assert len(set(handles)) == len(handles)
    assert {0, 1, 2, 3, 4, 16, 17, 19, 32, 38, 127} <= kinds
    assert text.startswith("# dmidecode 3.5\nGetting SMBIOS data from sysfs.\nSMBIOS ")
    assert f"\n{len(handles)} structures occupying " in text
    assert text.endswith("End Of Table\n\n")
    assert f"Number Of Devices: {machine.model.slots}\n" in text


@each_model
def test_linux_tells_of_each_interface_and_disk(machine: Identity) -> None:
    nics = [nic for nic in parse_ip_link(linux.ip_link(machine)) if nic.is_physical]
    assert [(nic.name, nic.mac) for nic in nics] == [(p.name, p.mac) for p in machine.ports]
    disks = parse_lsblk(linux.lsblk(machine))
    assert [(d.name, d.serial, d.size_bytes) for d in disks] == [
        (unit.name, unit.serial, unit.disk.bytes) for unit in machine.disks
    ]
    for port in machine.ports:
        driver = parse_ethtool_i(linux.ethtool(port))
        assert (driver.driver, driver.bus_info) == (port.nic.driver, port.bus)
        assert driver.firmware_version == port.nic.firmware


@given(seed=st.integers(0, 2**40))
@settings(max_examples=25, deadline=None)
def test_any_machine_of_any_seed_is_read_back_whole(seed: int) -> None:
    machine = IdentityFactory(seed).make()
    parsed = parse_dmidecode(dmidecode(machine))
    assert (parsed.serial, parsed.uuid) == (machine.serial, machine.uuid)


def test_a_uuid_of_zeros_is_shown_in_dmidecodes_words() -> None:
    machine = replace(one_of_each_model()[0], uuid="00000000-0000-0000-0000-000000000000")
    assert b"\tUUID: Not Settable\n" in dmidecode(machine)


@pytest.mark.parametrize(
    ("mib", "words"),
    [(16384, "16 GB"), (512, "512 MB"), (1536, "1536 MB"), (3145728, "3 TB"), (0, "0 MB")],
)
def test_sizes_are_in_the_largest_unit_without_a_fraction(mib: int, words: str) -> None:
    assert size(mib) == words


@pytest.mark.parametrize(
    ("smbios", "length"), [("2.8", 40), ("3.0.0", 40), ("3.2.1", 84), ("3.3.0", 92), ("3.7.0", 100)]
)
def test_memory_devices_grow_with_the_version_of_smbios(smbios: str, length: int) -> None:
    assert device_length(smbios) == length
