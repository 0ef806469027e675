"""`python -m simulator.demo`: start the product, switch a fleet on, show what becomes of it."""

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from simulator.demo.deployments import DeploymentOutcome, chosen, deploy_and_look
from simulator.demo.folder import DEFAULT, kept_folder, temporary_folder
from simulator.demo.lists import commands
from simulator.demo.messages import messages, resolved, told_by
from simulator.demo.outcome import DemoOutcome, look
from simulator.demo.product import Product, ProductError
from simulator.demo.story import Story
from simulator.fault import Needs
from simulator.faults import FAULTS
from simulator.fleet import Fleet
from simulator.interrupt import interrupt_once
from simulator.lineup import FleetPlan, line_up
from simulator.operator_view import OperatorError, OperatorView
from simulator.progress import follow
from simulator.slack import SlackStandIn

AS_EXPECTED, DIFFERENT, INTERRUPTED = 0, 1, 130
# Those that do not register, those whose firmware is updated, and two with a surprise for the one
# who deploys them.
BROKEN = {
    "lost-bmc": 1,
    "duplicate-uuid": 1,
    "swapped-pair": 1,
    "fibre-reversed": 1,
    "firmware-wont-apply": 1,
}
MENDED = "swapped-pair"
UPDATED = {"firmware-behind": 1, "firmware-reboot": 1}
SURPRISES = {"install-script-fails": 1, "stage-two-silent": 1}
# A rack has one model of server: a row of a machine room is bought at one time.
MODELS = ("PowerEdge R640", "ProLiant DL385 Gen10 Plus", "ThinkSystem SR650 V3")
FEWEST_NODES = len(BROKEN) + len(UPDATED) + len(SURPRISES) + 1
MOST_NODES = 240  # the demo's pool has 241 addresses
CONCURRENCY = 6  # machines that boot at a time: two processors have no use for more
RUN_SECONDS = 300.0
LOOK_SECONDS = 30.0  # for the last power-off and the last event to reach Bearman's rows


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the demo and end with its exit code."""
    interrupt_once()
    options = _options(arguments)
    story = Story(Console(), options.nodes)
    folder = temporary_folder() if options.once and not options.data_dir else None
    try:
        sys.exit(_tell(story, options, folder or kept_folder(options.data_dir or DEFAULT)))
    except KeyboardInterrupt:
        print("The demo has ended.")
        sys.exit(INTERRUPTED if options.once else AS_EXPECTED)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator.demo", description=__doc__)
    parser.add_argument("--nodes", type=int, default=20, metavar="N", help="machines (20)")
    parser.add_argument("--once", action="store_true", help="check the outcome and end")
    parser.add_argument(
        "--data-dir", type=_absolute, help="instead of var/demo, or of a temporary one"
    )
    options = parser.parse_args(arguments)
    if not FEWEST_NODES <= options.nodes <= MOST_NODES:
        parser.error(f"--nodes must be from {FEWEST_NODES} to {MOST_NODES}")
    return options


def _absolute(text: str) -> Path:
    return Path(text).resolve()


def _tell(story: Story, options: argparse.Namespace, folder: AbstractContextManager[Path]) -> int:
    story.begin()
    try:
        with folder as data_dir, ExitStack() as ends:
            slack = ends.enter_context(SlackStandIn())
            product = Product(data_dir, all_inside=options.once, settings=told_by(slack))
            try:
                with product:
                    return _show(story, product, slack, options)
            except (ProductError, OperatorError) as error:
                story.trouble(error, product)
    except ProductError as error:
        story.trouble(error, None)
    return DIFFERENT


def _show(story: Story, product: Product, slack: SlackStandIn, options: argparse.Namespace) -> int:
    plan = FleetPlan(
        nodes=options.nodes,
        url=product.url,
        bmc_port=product.bmc_port,
        faults=BROKEN | UPDATED | SURPRISES,
        concurrency=CONCURRENCY,
        models=MODELS,
        given=frozenset(Needs),
        image_key=product.image_key,
    )
    product.wait_until_ready()
    product.prepare()
    story.doors(product, slack)
    product.tell(commands(line_up(plan), product.data_dir / "demo-lists"))
    story.lists(options.nodes)
    with Fleet(plan) as fleet, closing(OperatorView(product.grpc, product.token)) as operator:
        registered = _register(story, product, fleet, operator)
        told = messages(slack, registered, time.monotonic() + LOOK_SECONDS)
        story.told(told, slack)
        (swapped,) = (m for m in fleet.machines if m.board.fault is FAULTS[MENDED])
        swapped.mend()
        story.mending(swapped)
        deployed = _deploy(story, product, fleet, operator)
        good = resolved(slack, swapped, time.monotonic() + LOOK_SECONDS)
        story.mended(swapped, good)
        if options.once:
            story.over()
        else:
            story.next_look(registered, deployed, product)
            story.stay()
            _wait_for_ctrl_c(story)
    differences = registered.differences or deployed.differences or told.differences
    return AS_EXPECTED if good and not differences else DIFFERENT


def _register(story: Story, product: Product, fleet: Fleet, operator: OperatorView) -> DemoOutcome:
    """Press the buttons; meanwhile the product gets something to deploy."""
    story.buttons(sum(BROKEN.values()))
    with ThreadPoolExecutor() as meanwhile:
        system = meanwhile.submit(product.make_system)
        for _ in follow(fleet, fleet.press_buttons(RUN_SECONDS), story.console):
            pass
        system.result()
    outcome = look(fleet.machines, operator, time.monotonic() + LOOK_SECONDS)
    product.show("node", "list")
    story.registered(outcome, product)
    return outcome


def _deploy(
    story: Story, product: Product, fleet: Fleet, operator: OperatorView
) -> DeploymentOutcome:
    """Put operating systems on some, and see that the others are as they were."""
    machines = chosen(fleet.machines, operator)
    story.deploying(len(machines))
    outcome = deploy_and_look(machines, operator, story.change)
    product.show("baremetal", "list")
    others = [machine for machine in fleet.machines if machine not in machines]
    after = look(others, operator, time.monotonic() + LOOK_SECONDS)
    outcome = replace(outcome, differences=outcome.differences + after.differences)
    story.deployed(outcome, product)
    return outcome


def _wait_for_ctrl_c(story: Story) -> None:
    try:
        threading.Event().wait()
    finally:
        story.ending()


if __name__ == "__main__":
    main()
