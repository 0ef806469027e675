"""The whole product with its files in a bucket: a machine registers and is deployed from there."""

import re
import secrets
from contextlib import closing
from pathlib import Path

import pytest
from pytest_django import Settings

from bearman import storage
from simulator.demo.product import Product
from simulator.demo.system import PROFILE
from simulator.deployments import ready
from simulator.fault import INSTALLED
from simulator.fleet import Fleet
from simulator.lineup import FleetPlan
from simulator.machine import Machine
from simulator.operator_view import OperatorView, state_name
from tests.simulator.bmc.rig import wait_until
from tests.storage.buckets import make_bucket
from tests.storage.ceph import Ceph

SECONDS = 120.0


@pytest.mark.timeout(400)
def test_a_machine_registers_and_is_deployed_with_what_lies_in_the_bucket(
    ceph: Ceph, settings: Settings, tmp_path: Path
) -> None:
    place = make_bucket(ceph, settings, f"product-{secrets.token_hex(4)}", urls="signed")
    how = place.environment | {"BEARMAN_S3_URLS": "signed"}
    with Product(tmp_path, settings=how) as product:
        product.wait_until_ready()
        product.prepare()
        product.make_system()
        plan = FleetPlan(nodes=1, url=product.url, bmc_port=product.bmc_port)
        operator = OperatorView(product.grpc, product.token)
        with Fleet(plan) as fleet, closing(operator):
            machine = next(fleet.press_buttons(SECONDS))
            wait_until(lambda: len(ready(fleet.machines, operator)) == 1, seconds=SECONDS)
            operator.deploy(machine.node_id, PROFILE)
            wait_until(lambda: is_installed(operator), seconds=SECONDS)
            judge_console(machine, f"{ceph.endpoint}/{place.name}")
        words = product.log.read_text()
    assert "X-Amz-Signature" not in words
    assert not (tmp_path / "files").exists()
    assert {found.path.split("/")[1] for found in storage.listed("images/")} == {
        "demo-linux",
        "stage-one",
    }


def is_installed(operator: OperatorView) -> bool:
    return [state_name(row) for row in operator.baremetals().values()] == [INSTALLED]


def judge_console(machine: Machine, folder: str) -> None:
    """It fetched its system from the bucket, and showed no signature."""
    console = (machine.board.folder / "console").read_text("utf-8", "replace")
    assert re.search(f"{folder}/images/[^ ]*/vmlinuz", console), console
    assert "X-Amz-Signature" not in console
