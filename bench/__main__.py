"""`python -m bench [NAME ...]`: measure the hot paths and print what came of it."""

import argparse
import importlib
import signal
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import report
from bench.load import LoadError
from bench.servers import StartError
from bench.sizes import FULL, QUICK, Sizes
from bench.stack import Stack

NAMES = ("register", "wiring", "allocate", "ipxe", "nodelist", "storm", "deploy", "power")


def main() -> int:
    """Run what the command line names; 1 where it could not be measured."""
    arguments = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # through all `finally` blocks
    console, about = report.console(), report.machine()
    sizes = QUICK if arguments.quick else FULL
    try:
        results = _run(arguments.names or list(NAMES), sizes, console)
    except KeyboardInterrupt:
        console.print("Interrupted; everything that was started has ended.")
        return 130
    except (LoadError, StartError) as error:
        console.print(f"Not measured: {error}", style="red", markup=False)
        return 1
    if arguments.json:
        report.write(arguments.json, about, results)
    return 0


def _run(names: list[str], sizes: Sizes, console: Console) -> list[dict[str, Any]]:
    results = []
    with Stack() as stack:
        for name in names:
            console.print(f"Measuring {name} ...", style="dim")
            bench = importlib.import_module(f"bench.{name}")  # not before Django is set up
            measures = bench.run(stack, sizes)
            report.show(console, name, measures)
            results.append(report.as_values(name, measures))
    return results


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*NAMES, []])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to FILE too")
    parser.add_argument("--quick", action="store_true", help="a few operations, to see it work")
    return parser


if __name__ == "__main__":
    sys.exit(main())
