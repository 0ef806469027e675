"""Simulated machines that a whole Bearman deploys; slow, for it starts all of its processes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from nodes.bmc import BmcEndpoint, driver_for
from simulator.demo.product import Product
from simulator.demo.system import PROFILE
from simulator.deployment_faults import DEPLOYMENT_FAULTS
from simulator.deployments import Deployed, deploy, ready, wait_deployed, wait_released
from simulator.fleet import Fleet
from simulator.life import Phase
from simulator.lineup import FleetPlan
from simulator.machine import Machine
from simulator.operator_view import OperatorView, state_name
from tests.simulator.bmc.rig import wait_until

NAMES = [fault.name for fault in DEPLOYMENT_FAULTS]
# What a shell shows otherwise than a light machine.
IN_SHELLS = ["stage-two-silent", "install-script-fails", "wrong-checksum", "wrong-system"]
IN_SHELLS += ["unsigned-image", "tampered-manifest"]
SECONDS = 150.0
SETTINGS = {"BEARMAN_STAGE_TWO_SECONDS": "8", "BEARMAN_BMC_LOGIN_SECONDS": "2"}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with Product(tmp_path_factory.mktemp("d"), all_inside=True, settings=SETTINGS) as product:
        product.wait_until_ready()
        product.prepare()
        product.make_system()
        yield product


@pytest.fixture(scope="module")
def operator(product: Product) -> Iterator[OperatorView]:
    operator = OperatorView(product.grpc, product.token)
    yield operator
    operator.close()


class Rack:
    """Fleets of the test; each has machines that no other test has."""

    seed = 100

    def __init__(self, product: Product, operator: OperatorView) -> None:
        self.product, self.operator = product, operator
        self.ends = ExitStack()

    def registered(self, nodes: int, *faults: str, light: bool = True) -> list[Machine]:
        """So many machines, some with faults, that are READY and dark."""
        Rack.seed += 1
        plan = FleetPlan(
            nodes=nodes,
            url=self.product.url,
            bmc_port=self.product.bmc_port,
            seed=Rack.seed,
            faults=dict.fromkeys(faults, 1),
            light=light,
            concurrency=4,
            image_key=self.product.image_key,
        )
        fleet = self.ends.enter_context(Fleet(plan))
        for _ in fleet.press_buttons(SECONDS):
            pass
        wait_until(lambda: len(ready(fleet.machines, self.operator)) == nodes, seconds=20)
        return fleet.machines

    def deployed(self, machines: Sequence[Machine], profile: str = PROFILE) -> list[Deployed]:
        """Deploy them all, and wait until each is as it should be."""
        deploy(machines, self.operator, profile)
        return self.settled(machines)

    def settled(self, machines: Sequence[Machine]) -> list[Deployed]:
        """Wait until each is as it should be."""
        found = wait_deployed(machines, self.operator, time.monotonic() + SECONDS)
        assert [each.words for each in found if not each.as_expected] == []
        return found


@pytest.fixture
def rack(product: Product, operator: OperatorView) -> Iterator[Rack]:
    rack = Rack(product, operator)
    with rack.ends:
        yield rack


def power_cycle(machine: Machine, rack: Rack) -> None:
    """Cut and give the power as a person at the BMC does, with a user of its own."""
    bmc = machine.board.bmc
    bmc.set_user(5, name="person", password="at-the-bmc", enabled=True, privilege=4)
    endpoint = BmcEndpoint(str(bmc.lan.address), "person", "at-the-bmc", rack.product.bmc_port)
    driver_for(endpoint).power_cycle()


def from_its_disk(machine: Machine) -> bool:
    words = machine.deployed.words if machine.deployed else ""
    return machine.phase is Phase.RUNNING and words == "it boots the system on its disk"


@pytest.mark.timeout(400)
def test_each_fault_of_a_deployment_ends_as_it_says(rack: Rack) -> None:
    machines = rack.registered(len(NAMES) + 3, *NAMES)
    found = rack.deployed(machines)
    rows = [each.row for each in found if each.row]
    assert len({row.service_address for row in rows}) == len(machines)
    assert len({row.hostname for row in rows}) == len(machines)
    for row in rows:
        given_up = state_name(row) == "UNRECOVERABLE_ERROR"
        assert bool(row.step and row.reason and row.advice) == given_up


@pytest.mark.timeout(400)
def test_the_real_scripts_deploy_and_the_system_knows_who_it_is(rack: Rack) -> None:
    machines = rack.registered(len(IN_SHELLS) + 1, *IN_SHELLS, light=False)
    for each in rack.deployed(machines):
        root = each.machine.board.folder / "root"
        assert each.row is not None
        if state_name(each.row) == "INSTALLED":
            assert (root / "etc/hostname").read_text() == f"{each.row.hostname}\n"
            networks = "".join(p.read_text() for p in root.glob("etc/systemd/network/*.network"))
            assert f"Address={each.row.addresses[0]}\n" in networks
            secret = (root / "run/bearman-seed/seed").read_text().split("token ")[1].split()[0]
            assert secret not in (root / "proc/cmdline").read_text()
            assert secret not in (each.machine.board.folder / "console").read_text()


@pytest.mark.timeout(200)
def test_the_program_deploys_and_counts(product: Product) -> None:
    words = ["--url", product.url, "--grpc", product.grpc, "--bmc-port", str(product.bmc_port)]
    words += ["--light", "--nodes", "3", "--seed", "99", "--fault", "install-script-fails"]
    done = subprocess.run(
        [sys.executable, "-m", "simulator", *words, "--deploy", PROFILE, "--json"],
        env=os.environ | {"BEARMAN_TOKEN": product.token},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout)["deployments"]
    assert (figures["asked"], figures["installed"], figures["given_up"]) == (3, 2, 1)
    assert figures["surprises"] == []


@pytest.mark.timeout(200)
def test_a_machine_without_a_disk_comes_back_by_itself_after_a_power_cut(rack: Rack) -> None:
    (machine,) = rack.registered(1)
    rack.deployed([machine])
    assert (machine.phase, machine.boots) == (Phase.RUNNING, 2)
    power_cycle(machine, rack)
    wait_until(lambda: machine.boots == 3 and machine.phase is Phase.RUNNING, seconds=20)
    (each,) = rack.settled([machine])
    assert each.row is not None
    assert each.row.attempt == 1


@pytest.mark.timeout(200)
def test_a_power_cut_in_the_middle_of_stage_one_is_made_good(rack: Rack) -> None:
    (machine,) = rack.registered(1, light=False)
    deploy([machine], rack.operator, PROFILE)
    wait_until(lambda: machine.phase is Phase.STAGE_ONE, seconds=20)
    power_cycle(machine, rack)
    rack.settled([machine])
    assert machine.boots >= 3


@pytest.mark.timeout(200)
def test_released_machines_go_dark_and_can_be_deployed_again(rack: Rack) -> None:
    machines = rack.registered(3)
    found = rack.deployed(machines)
    for each in found:
        assert each.row is not None
        rack.operator.release(each.row.id)
    assert wait_released(machines, rack.operator, time.monotonic() + 30) == []
    again = [each.row for each in rack.deployed(machines) if each.row]
    for row in again:
        rack.operator.redeploy(row.id)
    redeployed = [each.row for each in rack.settled(machines) if each.row]
    assert [row.id for row in redeployed] == [row.id for row in again]
    assert [row.addresses for row in redeployed] == [row.addresses for row in again]
    assert [machine.boots for machine in machines] == [4] * 3


@pytest.mark.timeout(200)
@pytest.mark.parametrize("form", ["preseed", "kickstart", "autoinstall"])
def test_an_installer_puts_the_system_on_the_disk_which_boots_from_then_on(
    rack: Rack, form: str
) -> None:
    rack.product.make_profile(f"by-{form}", "--format", form, "--append", "quiet", "--no-root")
    machines = rack.registered(2, "wrong-boot-order")
    rack.deployed(machines, f"by-{form}")
    wait_until(lambda: all(from_its_disk(machine) for machine in machines), seconds=10)
    for machine in machines:
        power_cycle(machine, rack)
    wait_until(lambda: all(machine.boots == 3 for machine in machines), seconds=10)
    wait_until(lambda: all(from_its_disk(machine) for machine in machines), seconds=20)


@pytest.mark.timeout(200)
def test_cloud_init_finds_its_files_where_it_looks_for_them(rack: Rack) -> None:
    rack.product.make_profile("by-cloud-init", "--format", "cloud-init", "--append", "quiet")
    (machine,) = rack.registered(1, light=False)
    (each,) = rack.deployed([machine], "by-cloud-init")
    assert each.row is not None
    folder: Path = machine.board.folder / "root/var/lib/cloud/seed/nocloud"
    assert f"local-hostname: {each.row.hostname}" in (folder / "meta-data").read_text()
    assert {path.name for path in folder.iterdir()} >= {"user-data", "network-config"}
