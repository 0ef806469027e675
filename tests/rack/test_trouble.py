"""Deployments in which something goes wrong: a script that fails, a kexec that hangs."""

import json
from pathlib import Path

import pytest

from simulator.fault import INSTALLED, READY, UNRECOVERABLE_ERROR
from simulator.operator_view import OperatorView
from tests.rack import bmc, images, qmp
from tests.rack.flows import FIRST_WORDS, Flows
from tests.rack.rack import Rack
from tests.rack.watch import Times

pytestmark = [pytest.mark.rack, pytest.mark.timeout(1800), pytest.mark.xdist_group("rack")]
HANG_SECONDS = 200  # longer than the system needs from the firmware to its first word
SETTINGS = {"BEARMAN_STAGE_TWO_SECONDS": str(HANG_SECONDS)}
LAST_WORDS = "the second disk does not answer"


@pytest.fixture(scope="module")
def flows(rack: Rack, operator: OperatorView) -> Flows:
    """A machine that is READY and off."""
    flows = Flows(rack, rack.add(), operator)
    flows.register()
    return flows


@pytest.fixture(scope="module")
def failing_profile(rack: Rack) -> str:
    """A profile whose install script fails."""
    script = Path(rack.folder) / "fails.sh"
    script.write_text(f"#!/bin/sh\nset -eu\necho '{LAST_WORDS}'\nexit 5\n")
    words = ("--image", images.SYSTEM, "--script", str(script))
    rack.server.command("profile_create", "fails", *words)
    return "fails"


def test_a_script_that_fails_ends_the_deployment_with_its_last_lines(
    flows: Flows, failing_profile: str
) -> None:
    flows.deploy("rack-fails", failing_profile)
    row = flows.wait_state(UNRECOVERABLE_ERROR)
    print(f"\n{row.state} in step {row.step}: {row.reason}\n   {row.advice}")
    assert row.step == "configure"
    assert "code 5" in row.reason
    assert row.advice
    assert any(LAST_WORDS in event.log_tail for event in flows.operator.events(row.id))
    assert bmc.is_on(flows.slot)


def test_a_released_machine_is_off_and_ready_again(flows: Flows) -> None:
    row = flows.row
    assert row is not None
    assert used(flows.rack) == 1
    times = Times("Release to READY")
    flows.operator.release(row.id)
    flows.wait_status(READY)
    times.mark(READY)
    print(f"\n{times}")
    assert not bmc.is_on(flows.slot)
    assert flows.row is None
    assert used(flows.rack) == 0


def test_a_kexec_that_hangs_ends_in_a_cold_boot_of_the_same_system(flows: Flows) -> None:
    flows.deploy("rack-cold")
    flows.wait_jump()
    qmp.freeze(flows.slot)
    frozen, times = flows.said(), Times("A kexec that hangs, to INSTALLED")
    flows.wait_said(FIRST_WORDS, frozen)
    times.mark("kernel of the cold boot, after the deadline")
    row = flows.wait_state(INSTALLED)
    times.mark(INSTALLED)
    print(f"\n{times}")
    assert (row.cold_boot, row.attempt) == (True, 2)
    flows.wait_ping(row.service_address, seconds=60)
    assert flows.ssh(row.service_address, "hostname").strip() == "rack-cold"


def used(rack: Rack) -> int:
    """Return how many addresses of deployed systems are taken."""
    said = rack.server.command("ipman_pools", "--json")
    pools = [json.loads(line) for line in said.splitlines()]
    return next(int(pool["used"]) for pool in pools if pool["purpose"] == "service")
