"""Lists are imported while machines register."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from nodes.models import AvailabilityZone, ExpectedMachine, Node
from nodes.services.arrived import listed_relink
from nodes.services.expected import expected_save
from nodes.services.expected_import import expected_import
from tests.nodes.expected.conftest import Register
from tests.samples import Machine

COUNT = 16
ROUNDS = 40


def listed(rack: str) -> bytes:
    lines = "".join(f"SN{n:06d},{rack},{n + 1}\n" for n in range(COUNT))
    return f"serial,rack,unit\n{lines}".encode()


@pytest.mark.django_db(transaction=True)
def test_imports_and_registrations_at_once_end_with_each_machine_in_its_place(
    register: Register, zone: AvailabilityZone
) -> None:
    def imported(number: int) -> None:
        expected_import(data=listed(f"R{number % 3}"), actor="olga")
        connection.close()

    def registered(number: int) -> None:
        register(Machine(number))
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(registered, n) for n in range(COUNT)]
        done += [pool.submit(imported, n) for n in range(8)]
        done += [pool.submit(registered, n) for n in range(COUNT)]
        for each in done:
            each.result()
    expected_import(data=listed("R9"), actor="olga")
    assert Node.objects.count() == COUNT
    for row in ExpectedMachine.objects.select_related("node"):
        assert row.node is not None
        assert row.node.serial == row.serial
        assert row.node.place == row.place == f"R9 U{row.unit}"


@pytest.mark.django_db(transaction=True)
def test_an_entry_is_corrected_while_its_machine_registers_again(
    register: Register, zone: AvailabilityZone
) -> None:
    machine = Machine(1)
    register(machine)
    fields = {"mac": machine.macs[0], "rack": "R1", "unit": 1}

    def registered(_: int) -> None:
        register(machine)
        connection.close()

    def corrected(number: int) -> None:
        ExpectedMachine.objects.all().delete()
        row = ExpectedMachine.objects.create(serial=f"typo-{number}", **fields)
        row.serial = "SN000001"
        row.rack = f"R{number}"
        expected_save(machine=row, actor="olga")
        connection.close()

    def corrected_again_and_again() -> None:
        for number in range(ROUNDS):
            corrected(number)

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(corrected_again_and_again)]
        done += [pool.submit(registered, n) for n in range(ROUNDS)]
        for each in done:
            each.result()
    assert ExpectedMachine.objects.get().node == Node.objects.get()


def test_an_entry_whose_machine_registered_in_the_same_moment_gets_it_soon(
    register: Register,
) -> None:
    node = register(Machine(1))
    here = ExpectedMachine.objects.create(serial="sn000001", rack="R1", unit=7)
    ExpectedMachine.objects.create(serial="SN000002")
    assert listed_relink() == [here]
    here.refresh_from_db()
    node.refresh_from_db()
    assert (here.node, here.arrived_at) == (node, node.first_seen)
    assert node.place == "R1 U7"
    assert listed_relink() == []
