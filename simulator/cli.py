"""`python -m simulator`: a fleet of simulated machines against a Bearman that runs."""

import argparse
import json
import os
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.table import Table

from simulator.bmc import IPMI_PORT
from simulator.deployment_faults import DEPLOYMENT_FAULTS
from simulator.exercise import exercise
from simulator.fault import Needs
from simulator.faults import FAULTS, parse_fault
from simulator.interrupt import interrupt_once
from simulator.lineup import FleetPlan, line_up
from simulator.lists import write_lists
from simulator.operator_view import OperatorError, OperatorView
from simulator.progress import follow
from simulator.summary import Summary, show

OK, SURPRISED, USAGE, INTERRUPTED = 0, 1, 2, 130
GIVEN = {"cables": Needs.PLAN, "firmware": Needs.BASELINE, "expected": Needs.LIST}
GIVEN_HELP = "what Bearman has of --lists: cables, firmware or expected; may be repeated"
EPILOG = """\
With --grpc and an operator's token in BEARMAN_TOKEN, the outcome is what Bearman says of each
node; without, what the machines themselves saw. Exit codes: 0 every machine ended as expected,
1 some did not, 2 wrong usage, 130 interrupted.

Bearman finds out what is wrong with cables, firmware or an order only where it was told how they
should be: --lists writes that, for the same --nodes and --seed, and --given says that it has it.
"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program and end with its exit code."""
    interrupt_once()
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        sys.exit(_list_faults() if options.list_faults else _work(parser, options))
    except KeyboardInterrupt:
        print("simulator: interrupted; all machines are off", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Simulate machines that register, and deploy them.",
        epilog=EPILOG,
    )
    add = parser.add_argument
    add("--nodes", type=int, default=20, metavar="N", help="machines (default: 20)")
    add("--url", metavar="URL", help="where Bearman answers machines over HTTP")
    add("--bmc-port", type=int, default=IPMI_PORT, help="UDP port of all BMCs (default: 623)")
    add("--seed", type=int, default=1, help="another number gives other machines (default: 1)")
    add("--fault", action="append", default=[], metavar="NAME=COUNT", help="may be repeated")
    add("--list-faults", action="store_true", help="print the faults and their outcomes")
    add(
        "--given", action="append", default=[], metavar="WHAT", choices=list(GIVEN), help=GIVEN_HELP
    )
    add("--image-key", type=Path, metavar="FILE", help="public key (PEM) that each stage one has")
    add("--ca", type=Path, metavar="FILE", help="certificates (PEM) that all trust, for TLS")
    add("--lists", type=Path, metavar="DIR", help="write there what to give to Bearman, and end")
    add("--light", action="store_true", help="the same protocol without shells, for thousands")
    add("--concurrency", type=int, metavar="C", help="machines that boot at a time")
    add("--boot-delay", type=_delay, default=(0.0, 0.0), metavar="FROM[-TO]", help="seconds")
    add("--timeout", type=float, default=600.0, metavar="S", help="for the whole run")
    add("--grpc", metavar="HOST:PORT", help="ask Bearman there what became of each node")
    add("--deploy", metavar="PROFILE", help="then deploy the READY ones; needs --grpc")
    add("--json", action="store_true", help="print the summary as JSON")
    add("--keep", action="store_true", help="leave the machines' folders behind")
    return parser


def _delay(text: str) -> tuple[float, float]:
    first, _, last = text.partition("-")
    return float(first), float(last or first)


def _work(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if options.lists:
        plan = _plan(parser, options)
        for command in write_lists(line_up(plan), options.lists):
            print(shlex.join(["bearman", *command]))
        return OK
    return _run(parser, options)


def _run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    plan = _plan(parser, options)
    console = Console(stderr=options.json, highlight=False)
    operator = _operator(parser, options)
    watch = partial(follow, console=console)
    try:
        summary = exercise(
            plan,
            timeout=options.timeout,
            watch=watch,
            operator=operator,
            profile=options.deploy or "",
        )
    except OperatorError as error:
        parser.error(f"asking {options.grpc} failed: {error}")
    finally:
        if operator:
            operator.close()
    _tell(summary, console, as_json=options.json)
    return SURPRISED if summary.surprises else OK


def _plan(parser: argparse.ArgumentParser, options: argparse.Namespace) -> FleetPlan:
    if not options.url and not options.lists:
        parser.error("--url is needed: where does Bearman answer?")
    try:
        return FleetPlan(
            nodes=options.nodes,
            url=options.url or "",
            bmc_port=options.bmc_port,
            seed=options.seed,
            faults=_faults(options.fault),
            light=options.light,
            concurrency=options.concurrency or _concurrency(options.light),
            boot_delay=options.boot_delay,
            keep=options.keep,
            given=frozenset(GIVEN[name] for name in options.given),
            image_key=_file(options.image_key),
            ca=_file(options.ca),
        )
    except ValueError as error:
        parser.error(str(error))


def _file(path: Path | None) -> Path | None:
    if path is not None and not path.is_file():
        raise ValueError(f"There is no file {path}.")
    return path


def _faults(texts: Sequence[str]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for name, count in map(parse_fault, texts):
        counts[name] += count
    return counts


def _concurrency(light: bool) -> int:
    """Shells keep a processor busy; without them most of the time is waiting."""
    return 32 if light else 2 + 2 * (os.cpu_count() or 1)


def _operator(parser: argparse.ArgumentParser, options: argparse.Namespace) -> OperatorView | None:
    if options.deploy and not options.grpc:
        parser.error("--deploy needs --grpc: Bearman is asked there")
    if not options.grpc:
        return None
    token = os.environ.get("BEARMAN_TOKEN", "")
    if not token:
        parser.error("--grpc needs an operator's token in BEARMAN_TOKEN")
    return OperatorView(options.grpc, token, options.ca.read_bytes() if options.ca else b"")


def _tell(summary: Summary, console: Console, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(summary.as_json()))
    else:
        show(summary, console)


def _list_faults() -> int:
    """A table for each thing that Bearman must have been given."""
    console = Console(highlight=False)
    options = {need: f"--given {name}" for name, need in GIVEN.items()}
    options[Needs.KEY] = "--image-key FILE"
    for need in Needs:
        table = Table("fault", "a machine that", box=None, pad_edge=False)
        table.columns[0].no_wrap = True
        table.add_column("ends as", no_wrap=True)
        table.add_column("code", no_wrap=True)
        for fault in FAULTS.values():
            if fault.needs is need:
                ends_as = fault.deployed if fault in DEPLOYMENT_FAULTS else fault.expected
                code = next(iter(fault.issues + fault.deployed_issues), "")
                table.add_row(fault.name, fault.about, str(ends_as), code)
        if need:
            console.print(f"\nFound with a {need} ({options[need]}):")
        console.print(table)
    return OK
