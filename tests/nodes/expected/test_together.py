"""Lists are imported while machines register."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from nodes.models import AvailabilityZone, ExpectedMachine, Node
from nodes.services.expected_import import expected_import
from tests.nodes.expected.conftest import Register
from tests.samples import Machine

COUNT = 16


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
