"""Disks from `lsblk --json`, of old and new versions, and from nodes that lie."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.inventory import Disk, InventoryError, parse_lsblk
from nodes.inventory.lsblk import MAX_DEVICES, MAX_DISKS

NVME: dict[str, Any] = {
    "name": "nvme0n1",
    "kname": "nvme0n1",
    "model": "MODEL 7450  ",
    "serial": "S6CKNX0T",
    "size": 960197124096,
    "rota": False,
    "tran": "nvme",
    "wwn": "eui.36434b3057a012340025384500000001",
    "type": "disk",
    "mountpoint": None,
    "children": [{"name": "nvme0n1p1", "size": 1048576, "type": "part"}],
}


def lsblk(*devices: Any) -> str:
    return json.dumps({"blockdevices": list(devices)})


def disk(**changes: Any) -> dict[str, Any]:
    return {"name": "sda", "size": 10, "type": "disk"} | changes


def test_a_disk_comes_out_whole() -> None:
    assert parse_lsblk(lsblk(NVME)) == [
        Disk(
            name="nvme0n1",
            model="MODEL 7450",
            serial="S6CKNX0T",
            size_bytes=960197124096,
            rotational=False,
            transport="nvme",
            wwn="eui.36434b3057a012340025384500000001",
            type="disk",
        )
    ]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (512, 512),
        ("960197124096", 960197124096),
        ("1.8T", 18 * 2**40 // 10),
        ("447,1G", 4471 * 2**30 // 10),
        ("4G", 4 * 2**30),
        (" 512B", 512),
    ],
)
def test_sizes_come_as_numbers_as_digits_or_short(size: Any, expected: int) -> None:
    assert parse_lsblk(lsblk(disk(size=size)))[0].size_bytes == expected


@pytest.mark.parametrize(
    ("rota", "expected"), [(True, True), ("1", True), (False, False), ("0", False)]
)
def test_booleans_come_as_such_or_as_digits(rota: Any, expected: bool) -> None:
    assert parse_lsblk(lsblk(disk(rota=rota)))[0].rotational is expected


def test_only_disks_with_a_medium_are_kept() -> None:
    devices = [
        *(disk(name="loop0", type="loop"), disk(name="sr0", type="rom"), disk(name="zram0")),
        *(disk(name="ram0"), disk(name="nbd3"), disk(name="fd0"), disk(name="mmcblk0boot1")),
        *(disk(name="sdb", size=0), disk(name="sdc", size=None), disk(name="md0", type="raid1")),
        disk(name="sdz"),
    ]
    assert [found.name for found in parse_lsblk(lsblk(*devices))] == ["sdz"]


def test_a_disk_below_what_is_on_it_is_found_once() -> None:
    inverse = {
        "name": "vg-root",
        "type": "lvm",
        "children": [{"name": "sda1", "children": [disk()]}],
    }
    assert [found.name for found in parse_lsblk(lsblk(inverse, inverse))] == ["sda"]


def test_strings_lose_control_characters_and_are_cut() -> None:
    found = parse_lsblk(lsblk(disk(model="a\x1b[2Jb" + "c" * 999, serial="\n", tran="t" * 99)))[0]
    assert found.model is not None
    assert found.model.startswith("a[2Jbc")
    assert (len(found.model), found.serial, found.transport) == (256, None, "t" * 20)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "lsblk: not JSON"),
        ("{", "lsblk: not JSON"),
        (b"\xff\xfe{", "lsblk: not JSON"),
        ("[]", "lsblk: not an object."),
        ("{}", "lsblk: blockdevices is not a list of objects."),
        ('{"blockdevices": [1]}', "lsblk: blockdevices is not a list of objects."),
        ("[" * 100_000, "lsblk: nested too deep."),
        ('{"blockdevices": ' + "9" * 5000 + "}", "lsblk: not JSON"),
        (lsblk({"name": "sda", "children": {"a": 1}}), "lsblk: children is not a list of objects."),
        (lsblk(disk(name="s da")), "lsblk: 's da' is not the name of a device."),
        (lsblk(disk(name="$(reboot)")), "lsblk: '$(reboot)' is not the name of a device."),
        (lsblk(disk(name=None)), "lsblk: 'None' is not the name of a device."),
        (lsblk(disk(size="much")), "lsblk: sda has no readable size."),
        (lsblk(disk(size=-1)), "lsblk: sda has no readable size."),
        (lsblk(disk(size=True)), "lsblk: sda has no readable size."),
        (lsblk(disk(size=2**63)), "lsblk: sda has no readable size."),
    ],
)
def test_what_lsblk_never_prints_is_refused_in_one_sentence(
    text: str | bytes, sentence: str
) -> None:
    with pytest.raises(InventoryError) as refused:
        parse_lsblk(text)
    assert str(refused.value).startswith(sentence)
    assert len(str(refused.value)) < 400


def test_more_disks_than_any_machine_has_are_refused() -> None:
    disks = [disk(name=f"sd{number}") for number in range(MAX_DISKS + 1)]
    with pytest.raises(InventoryError, match="1025 disks, more than 1024"):
        parse_lsblk(lsblk(*disks))


def test_more_devices_than_any_machine_has_are_refused() -> None:
    devices = [{"name": "p", "type": "part"}] * (MAX_DEVICES + 1)
    with pytest.raises(InventoryError, match="more than 16384 devices"):
        parse_lsblk(lsblk(*devices))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["blockdevices", "children", "name", "size", "type"]), inner, max_size=5
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    with suppress(InventoryError):
        found = parse_lsblk(json.dumps({"blockdevices": value}))
        assert all(disk.size_bytes > 0 for disk in found)
