"""Faults that a whole Bearman finds because it was told how machines should be; slow."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from simulator.demo.messages import told_by
from simulator.demo.product import Product
from simulator.exercise import exercise
from simulator.fault import Needs
from simulator.faults import FAULTS
from simulator.lineup import FleetPlan, line_up
from simulator.lists import write_lists
from simulator.operator_view import OperatorView
from simulator.slack import SlackStandIn
from tests.simulator.bmc.rig import wait_until

# Twisted pair, copper and fibre, one lane and four, spare sockets, cards that mstflint can write.
MODELS = (
    "PowerEdge R640",
    "ProLiant DL360 Gen10",
    "ProLiant DL385 Gen10 Plus",
    "ThinkSystem SR630 -[7X02CTO1WW]-",
    "ThinkSystem SR650 V3",
)
NAMES = [fault.name for fault in FAULTS.values() if fault.needs]
# What only a shell shows; a baseline's tool has half a minute at least, so none hangs here.
IN_SHELLS = ("swapped-pair", "lldp-hostile", "firmware-card", "firmware-power-cut", "dimm-missing")
SECONDS = 120.0


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as slack:
        yield slack


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, slack: SlackStandIn) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("d")
    with Product(folder, all_inside=True, settings=told_by(slack)) as product:
        product.wait_until_ready()
        product.prepare()
        yield product


def fleet(product: Product, lists: Path, *names: str, seed: int, light: bool) -> FleetPlan:
    """A fleet with these faults, and two healthy machines, that the product is told about."""
    plan = FleetPlan(
        nodes=len(names) + 3,
        url=product.url,
        bmc_port=product.bmc_port,
        seed=seed,
        faults=dict.fromkeys(names, 1),
        light=light,
        models=MODELS,
        first_rack=10 * seed,
        given=frozenset(Needs),
    )
    commands = write_lists(line_up(plan), lists)
    # The firmware of these models stays the same.
    product.tell(words for words in commands if seed == 1 or words[0] != "firmware_add")
    return plan


@pytest.mark.timeout(600)
def test_each_fault_is_found_with_its_code_and_told(
    product: Product, slack: SlackStandIn, tmp_path: Path
) -> None:
    surprises_of(product, tmp_path, NAMES, light=True)
    surprises_of(product, tmp_path, IN_SHELLS, light=False)
    codes = {FAULTS[name].issues[0] for name in NAMES if FAULTS[name].issues}

    def missing() -> set[str]:
        said = " ".join(str(message.payload) for message in slack.store)
        return {code for code in codes if code not in said}

    wait_until(lambda: not missing(), seconds=60)


def surprises_of(product: Product, lists: Path, names: Sequence[str], *, light: bool) -> None:
    """Let a fleet with these faults register; none may end otherwise than its fault says."""
    plan = fleet(product, lists, *names, seed=1 if light else 2, light=light)
    operator = OperatorView(product.grpc, product.token)
    try:
        summary = exercise(plan, timeout=SECONDS, operator=operator)
    finally:
        operator.close()
    assert summary.as_json()["surprises"] == []
