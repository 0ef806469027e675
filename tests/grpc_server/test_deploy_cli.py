"""Deployments with bearman-cli against the real server, and a machine that plays its part."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from baremetal.models import Baremetal
from profiles.models import Profile
from simulator.bmc.fleet import BmcFleet
from tests.baremetal import rig
from tests.baremetal.conftest import fleet, room
from tests.grpc_server import cli
from tests.grpc_server.test_profiles import token_with
from tests.servers import Door, running_door

__all__ = ["fleet", "room"]  # fixtures


@pytest.fixture
def door(room: Profile) -> Iterator[Door]:
    """A server over a room with one profile."""
    with running_door() as running:
        yield running


@pytest.fixture
def token(room: Profile) -> str:
    """An operator who may deploy and release."""
    rights = ("view", "add", "change")
    return token_with("olga", *(f"baremetal.{right}_baremetal" for right in rights))


def until(there: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    limit = time.monotonic() + 30
    while not there():
        assert time.monotonic() < limit
        time.sleep(0.05)


def end_of(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def test_a_machine_is_deployed_shown_redeployed_and_released(
    door: Door, fleet: BmcFleet, token: str
) -> None:
    machine = rig.ready(fleet, 1)
    serial = machine.node.serial
    waiting = cli.start(
        door.port, token, "deploy", serial, "--profile", "web", "--hostname", "web-1", "--wait"
    )
    until(Baremetal.objects.filter(step="power_on").exists)
    rig.work()
    machine.install()
    code, out, err = end_of(waiting)
    assert code == 0, err
    assert "(power_on took " in out
    assert out.splitlines()[-1].startswith("web-1 (10.20.0.10, web, Acme Inc. RackBox 650")

    shown = cli.cli(door.port, token, "baremetal", "show", "10.20.0.10").stdout
    assert "INSTALLED" in shown
    assert "10.20.0.10/24" in shown
    ssh = cli.cli(door.port, token, "baremetal", "ssh", serial, "--json", "--", "uptime").stdout
    assert json.loads(ssh)["command"] == ["ssh", "--", "root@10.20.0.10", "uptime"]
    refused = cli.cli(door.port, token, "deploy", serial, "--profile", "web")
    assert refused.returncode == 6
    assert "olga was first: " in refused.stderr

    again = cli.start(door.port, token, "redeploy", "web-1", "--yes", "--wait", "--json")
    until(lambda: machine.row.step == "power_on")
    rig.work()
    machine.install()
    code, out, err = end_of(again)
    assert code == 0, err
    assert json.loads(out)["service_address"] == "10.20.0.10"
    states = [json.loads(line)["event"]["to_state"] for line in err.splitlines()]
    assert states[0] == "DEPLOY_START"
    assert states[-1] == "INSTALLED"
    assert states.count("INSTALLED") == 1

    going = cli.start(door.port, token, "release", "web-1", "--yes", "--wait")
    until(lambda: machine.row.state == "RELEASING")
    rig.work()
    code, out, err = end_of(going)
    assert code == 0, err
    assert out.endswith("is RELEASED.\n")
    listed = cli.cli(door.port, token, "baremetal", "list", "--state", "RELEASED").stdout
    assert "web-1" in listed
    assert "No baremetal" not in cli.cli(door.port, token, "baremetal", "list").stdout


def test_a_script_that_fails_is_told_with_its_last_lines(
    door: Door, fleet: BmcFleet, token: str
) -> None:
    machine = rig.ready(fleet, 1)
    waiting = cli.start(door.port, token, "deploy", machine.uuid, "--profile", "web", "--wait")
    until(Baremetal.objects.filter(step="power_on").exists)
    rig.work()
    machine.ipxe()
    machine.plan()
    machine.take_seed()
    assert machine.get("profile")[0] == 200
    words = {"message": "The+script+ended+with+3.", "log_tail": "one%0AE:+no+such+disk"}
    machine.post("report", step="configure", outcome="failed", **words)
    code, _, err = end_of(waiting)
    assert code == 10, err
    assert "  E: no such disk\n" in err
    assert "UNRECOVERABLE_ERROR in step configure: " in err
