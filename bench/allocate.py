"""Allocations of addresses a second: in Bearman's own process, and from an IPman over gRPC."""

import itertools
from dataclasses import replace

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from bearman.accounts.services import token_create
from bench import fleet
from bench.clients import Workload
from bench.harness import Aim, Measure, best_of, measure
from bench.rpc import AllocatingRemotely, EmptyCall
from bench.sizes import Sizes
from bench.sql import Allocating, Inserting
from bench.stack import Stack

RATE = Aim(rate=1000)
INSERT, EMPTY = "bare INSERT", "empty RPC"


def run(stack: Stack, sizes: Sizes) -> list[Measure]:
    """Measure with 16 clients, each address for an owner who has none; commits included."""
    fleet.empty()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare (id bigserial PRIMARY KEY, owner text NOT NULL)")
    _, token = token_create(user=User.objects.create_superuser("bench"), name="bench")
    with stack.grpc() as target:
        numbers = itertools.count(step=max(sizes.inserts, sizes.allocations, sizes.empty_calls))

        def best(name: str, workload: Workload, count: int) -> Measure:
            return best_of(sizes.runs, lambda: _once(stack, name, workload, next(numbers), count))

        return [
            best(INSERT, Inserting(settings.DATABASE_URL), sizes.inserts),
            replace(
                best("allocate", Allocating(fleet.ZONE, fleet.PURPOSE), sizes.allocations),
                bare=INSERT,
                aim=RATE,
            ),
            best(EMPTY, EmptyCall(target), sizes.empty_calls),
            replace(
                best(
                    "allocate over gRPC",
                    AllocatingRemotely(target, token, fleet.ZONE),
                    sizes.allocations,
                ),
                bare=EMPTY,
            ),
        ]


def _once(stack: Stack, name: str, workload: Workload, first: int, count: int) -> Measure:
    return measure(name, workload, range(first, first + count), cpu=stack.cpu_seconds)
