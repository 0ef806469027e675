"""A worker that is killed with SIGKILL in the middle of a power request, for real."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as site
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from nodes.models import Bmc, Node, PowerRequest
from nodes.power import PowerAction, PowerResult
from simulator.bmc import BmcFaults, Reactions
from tests.nodes.power_rig import ask, carried_out, make_machine
from tests.simulator.bmc.rig import Rig, wait_until

PROJECT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db(transaction=True)


def database_url() -> str:
    """The address of the database that this test has."""
    values = connection.settings_dict
    name, user, host = values["NAME"], values["USER"], values["HOST"]
    login = f"{user}:{quote(values['PASSWORD'], safe='')}" if values["PASSWORD"] else user
    port = f":{values['PORT']}" if values["PORT"] else ""
    return f"postgresql://{login}@{quote(host, safe='')}{port}/{name}"


@pytest.fixture
def worker(rig: Rig, settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker process on this test's database; ended with the test."""
    settings.BMC_PORT = rig.fleet.port
    process = subprocess.Popen(
        [sys.executable, "-m", "bearman", "worker"],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "BEARMAN_BMC_PORT": str(rig.fleet.port),
            "BEARMAN_CREDENTIAL_KEYS": ",".join(site.CREDENTIAL_KEYS),
            "BEARMAN_POWER_REFRESH_SECONDS": "0",
        },
    )
    yield process
    process.kill()
    process.wait()
    connection.close()


def one_row() -> PowerRequest:
    return PowerRequest.objects.get()


def let_the_lease_end(node: Node) -> None:
    """Be later than the longest that a dead process keeps its BMC."""
    past = timezone.now() - timedelta(seconds=1)
    Bmc.objects.filter(node=node, busy_until__isnull=False).update(busy_until=past)


def test_a_cycle_whose_worker_is_killed_is_told_in_words_and_not_done_again(
    rig: Rig, worker: "subprocess.Popen[bytes]"
) -> None:
    seen: list[str] = []

    def off() -> None:
        worker.kill()  # here, and not in the thread of the test, which may come too late
        seen.append("off")

    slow, reactions = BmcFaults(slow_s=0.2), Reactions(power_off=off)
    node, _ = make_machine(rig, powered=True, faults=slow, reactions=reactions)
    (row,) = ask(node, action=PowerAction.CYCLE)
    wait_until(lambda: seen == ["off"], 60)
    worker.wait()
    assert one_row().result == PowerResult.RUNNING
    let_the_lease_end(node)
    ended = carried_out(row)
    assert ended.result == PowerResult.FAILED
    assert "may or may not have been carried out" in ended.message
    assert seen == ["off"]


def test_a_power_on_whose_worker_is_killed_comes_true(
    rig: Rig, worker: "subprocess.Popen[bytes]"
) -> None:
    node, bmc = make_machine(rig, faults=BmcFaults(slow_s=0.2))
    (row,) = ask(node, action=PowerAction.ON)
    wait_until(lambda: one_row().result == PowerResult.RUNNING, 60)
    worker.kill()
    worker.wait()
    let_the_lease_end(node)
    bmc.faults = BmcFaults()
    assert carried_out(row).result == PowerResult.DONE
    assert bmc.powered
