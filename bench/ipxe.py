"""Machines that ask what to boot: `/ipxe/<uuid>` requests a second through the web server."""

import itertools
from dataclasses import replace
from functools import partial

from bench import fleet
from bench.harness import Aim, Measure, best_of, measure
from bench.sizes import Sizes
from bench.stack import Stack
from bench.web import Getting

RATE = Aim(rate=700)
SCRIPT = b"bearman.token=bmb_"  # every machine is given a token


def run(stack: Stack, sizes: Sizes) -> list[Measure]:
    """Measure with 16 clients, each machine unknown and given a boot token.

    Beside it /healthz, an empty view; both over connections that are kept and over new ones.
    """
    fleet.empty()
    numbers = itertools.count(step=sizes.requests)

    def once(name: str, workload: Getting) -> Measure:
        first = next(numbers)
        machines = range(first, first + sizes.requests)
        return measure(name, workload, machines, cpu=stack.cpu_seconds)

    with stack.web() as bind:
        once("warm-up", Getting(bind, "", SCRIPT))
        measures = []
        for how, keep in (("kept connections", True), ("new connections", False)):
            empty, ipxe = f"/healthz, {how}", f"/ipxe, {how}"
            view, script = Getting(bind, "/healthz", b"ok", keep), Getting(bind, "", SCRIPT, keep)
            bare = best_of(sizes.runs, partial(once, empty, view))
            found = best_of(sizes.runs, partial(once, ipxe, script))
            measures += [bare, replace(found, bare=empty, aim=RATE)]
        return measures
