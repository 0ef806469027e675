"""How often the background looks after things."""

from itertools import pairwise

import pytest
from django.conf import settings
from procrastinate.contrib.django import app

SECONDS = {
    "bearman.tasks.retry_stalled": 5,
    "bearman.notices.tasks.gather": 5,
    "bearman.notices.tasks.prune": 3600,
    "nodes.tasks.reconcile": 10,
    "nodes.tasks.refresh_power": 15,
    "baremetal.tasks.reconcile": settings.RECONCILE_SECONDS,
    "ipman.tasks.watch_pools": 60,
    "nodes.tasks.prune": 3600,
    "nodes.tasks.relink": 60,
    "profiles.tasks.prune_uploads": 3600,
}
PERIODIC = {found.task.name: found for found in app.periodic_registry.periodic_tasks.values()}


def test_the_periodic_tasks_are_these() -> None:
    assert set(PERIODIC) == set(SECONDS)


@pytest.mark.parametrize("name", SECONDS)
def test_a_periodic_task_runs_every_so_many_seconds_and_never_in_bursts(name: str) -> None:
    times = PERIODIC[name].croniter
    times.set_current(0.0)
    moments = [times.get_next(float) for _ in range(20)]
    assert {round(after - before) for before, after in pairwise(moments)} == {SECONDS[name]}
