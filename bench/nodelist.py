"""The Admin's list of nodes: time and queries for a page, a search and a filter."""

from dataclasses import replace

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import fleet
from bench.clients import Workload
from bench.harness import Aim, Measure, best_of, measure
from bench.sizes import Sizes
from bench.sql import Selecting
from bench.stack import Stack
from bench.web import Getting
from nodes.admin.node import NodeAdmin
from nodes.overview import listed_nodes

PAGE = Aim(median_ms=150)
LIST = "/admin/nodes/node/"
COOKIE = settings.SESSION_COOKIE_NAME
ROW = b"/change/"  # the link to a node, in each row


def run(stack: Stack, sizes: Sizes) -> list[Measure]:
    """Measure with one operator who is logged in; the aim is for the largest number of nodes."""
    fleet.empty()
    operator = Client(headers={"host": "127.0.0.1"})
    operator.force_login(User.objects.create_superuser("bench"))
    cookie = f"{COOKIE}={operator.cookies[COOKIE].value}"

    def best(name: str, workload: Workload) -> Measure:
        pages = range(sizes.pages)
        return best_of(
            sizes.runs, lambda: measure(name, workload, pages, cpu=stack.cpu_seconds, clients=1)
        )

    with stack.web() as bind:
        measures = [best("/healthz", Getting(bind, "/healthz", b"ok"))]
        for nodes in sizes.listed_nodes:
            fleet.grow(nodes, with_parts=False)
            select = f"bare SELECT, {nodes:,} nodes"
            measures.append(best(select, _page_alone()))
            for name, query in _pages(nodes).items():
                found = best(
                    f"{name}, {nodes:,} nodes", Getting(bind, LIST + query, ROW, cookie=cookie)
                )
                measures.append(replace(found, bare=select, queries=_queries(operator, query)))
    last = len(measures) - len(_pages(0))
    return [replace(m, aim=PAGE) if n >= last else m for n, m in enumerate(measures)]


def _pages(nodes: int) -> dict[str, str]:
    """Return what an operator looks at: a name, and the query part of the address."""
    middle = fleet.serial_of(nodes // 2)
    return {"list": "", "search": f"?q={middle}", "filter": "?status__exact=REGISTER_FAILED"}


def _page_alone() -> Selecting:
    """Return the statement that fetches the rows of the first page."""
    rows = listed_nodes().order_by("-id")[: NodeAdmin.list_per_page]
    sql, values = rows.query.sql_with_params()
    return Selecting(settings.DATABASE_URL, sql, values)


def _queries(operator: Client, query: str) -> int:
    """Return how many statements the page needs."""
    with CaptureQueriesContext(connection) as captured:
        answer = operator.get(LIST + query)
    if answer.status_code != 200:
        raise RuntimeError(f"{LIST}{query} answers {answer.status_code}.")
    return len(captured)
