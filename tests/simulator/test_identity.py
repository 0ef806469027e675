"""Identities of simulated machines: unique, repeatable, and built as vendors build them."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from simulator.hardware.catalogue import models
from simulator.hardware.identity import Identity, IdentityFactory, dell_uuid, hpe_uuid


def draw(count: int, seed: int = 1) -> list[Identity]:
    factory = IdentityFactory(seed)
    return [factory.make() for _ in range(count)]


def test_the_catalogue_has_more_than_a_dozen_models_of_many_vendors() -> None:
    assert len(models()) > 12
    assert len({model.vendor for model in models()}) >= 9


def test_machines_share_no_serial_no_mac_and_no_uuid() -> None:
    machines = draw(2000)
    for values in (
        [machine.serial for machine in machines],
        [machine.board_serial for machine in machines],
        [machine.uuid for machine in machines],
        [port.mac for machine in machines for port in machine.ports]
        + [machine.bmc_mac for machine in machines],
        [serial for machine in machines for serial in machine.dimm_serials],
        [unit.serial for machine in machines for unit in machine.disks],
    ):
        assert Counter(values).most_common(1)[0][1] == 1


@given(seed=st.integers(0, 2**32), shorter=st.integers(1, 10))
def test_a_seed_gives_the_same_machines_however_many_are_drawn(seed: int, shorter: int) -> None:
    assert draw(20, seed)[:shorter] == draw(shorter, seed)


def test_another_seed_gives_other_machines() -> None:
    assert not {m.serial for m in draw(50, 1)} & {m.serial for m in draw(50, 2)}


def test_each_model_comes_once_before_any_comes_twice() -> None:
    names = [machine.model.name for machine in draw(len(models()))]
    assert sorted(names) == sorted(model.name for model in models())


def test_a_dell_uuid_spells_dell_and_the_service_tag() -> None:
    uuid = dell_uuid("B5R4KL1")
    assert uuid == "4c4c4544-0042-3510-8052-b4c04f4b4c31"
    raw = UUID(uuid).bytes_le
    assert raw[:5] == b"DELLB"
    assert bytes([raw[7], raw[9], raw[10] & 0x7F]) + raw[13:] == b"5R4KL1"


def test_an_hpe_uuid_spells_the_product_number_and_the_serial_number() -> None:
    uuid = hpe_uuid("719064-B21", "2M274906NV")
    assert UUID(uuid).bytes_le == b"7190642M274906NV"


def test_the_label_is_one_printable_line() -> None:
    hostile = replace(draw(1)[0], product="a\nb\x1b[2Jc")
    assert hostile.label.isprintable()
