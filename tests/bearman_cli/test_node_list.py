"""`bearman-cli node list`: filters, pages, tables and JSON."""

import json
from typing import Any

import grpc
import pytest

from bearman_cli.operator_verbs import Status
from protos.bearman.v1 import nodes_pb2
from tests.bearman_cli.conftest import Program
from tests.bearman_cli.peer import Script
from tests.bearman_cli.samples import node

NODE_KEYS = {
    "id",
    "uuid",
    "serial",
    "vendor",
    "product_name",
    "flavor",
    "zone",
    "bmc_address",
    "status",
    "step",
    "reason",
    "advice",
    "address",
    "first_seen",
    "last_seen",
    "issue",
    "issue_title",
    "rack",
    "unit",
}


def fleet(size: int) -> Any:
    """A ListNodes over so many nodes; the page token is the index of the next one."""

    def answer(
        request: nodes_pb2.ListNodesRequest, context: grpc.ServicerContext
    ) -> nodes_pb2.ListNodesResponse:
        first = int(request.page_token or 0)
        last = min(first + (request.page_size or 100), size)
        return nodes_pb2.ListNodesResponse(
            nodes=[node(number) for number in range(first, last)],
            next_page_token=str(last) if last < size else "",
        )

    return answer


def test_people_get_a_row_for_each_node_with_its_uuid_whole(
    program: Program, script: Script
) -> None:
    script.on("ListNodes", fleet(2))
    done = program.run("node", "list")
    assert done.code == 0
    title, first, second = done.out.splitlines()
    assert title.split()[:4] == ["NODE", "UUID", "STATUS", "SERIAL"]
    assert first.startswith("0     " + node(0).uuid + "  REGISTER_FAILED  SN00000  Dell Inc.")
    assert "2026-05-28 20:26:40" in second
    assert "\x1b" not in done.out


def test_times_are_in_the_zone_of_the_reader(program: Program, script: Script) -> None:
    script.on("ListNodes", fleet(1))
    assert "2026-05-29 05:26:40" in program.run("node", "list", TZ="Asia/Seoul").out


def test_programs_get_stable_keys_and_utc(program: Program, script: Script) -> None:
    script.on("ListNodes", fleet(1))
    answer = json.loads(program.run("node", "list", "--json", TZ="Asia/Seoul").out)
    assert set(answer) == {"nodes", "more"}
    (listed,) = answer["nodes"]
    assert set(listed) == NODE_KEYS
    assert listed["status"] == "REGISTER_FAILED"
    assert listed["first_seen"] == "2026-05-28T20:26:40.123Z"
    assert listed["flavor"] is None


def test_filters_reach_the_server(program: Program, script: Script) -> None:
    script.on("ListNodes", fleet(0))
    program.run(
        *("node", "list", "--status", "ready", "--status", "REGISTER_FAILED"),
        *("--zone", "az1", "--flavor", "gold", "--query", "dell"),
    )
    (request,) = script.requests
    assert list(request.statuses) == [
        nodes_pb2.NODE_STATUS_READY,
        nodes_pb2.NODE_STATUS_REGISTER_FAILED,
    ]
    assert (request.zone, request.flavor, request.query) == ("az1", "gold", "dell")


def test_the_statuses_are_those_of_the_protocol() -> None:
    names = {
        name.removeprefix("NODE_STATUS_") for name in nodes_pb2.NodeStatus.DESCRIPTOR.values_by_name
    }
    assert {status.value for status in Status} == names - {"UNSPECIFIED"}


def test_a_hundred_are_shown_and_the_rest_is_mentioned(program: Program, script: Script) -> None:
    script.on("ListNodes", fleet(101))
    done = program.run("node", "list")
    assert len(done.out.splitlines()) == 101
    assert "more than these 100" in done.err


def test_exactly_a_hundred_leave_no_rest(program: Program, script: Script) -> None:
    script.on("ListNodes", fleet(100))
    done = program.run("node", "list", "--json")
    answer = json.loads(done.out)
    assert (len(answer["nodes"]), answer["more"], done.err) == (100, False, "")


@pytest.mark.parametrize(("limit", "calls"), [("7", 1), ("999", 1), ("2500", 3)])
def test_a_limit_is_kept_over_pages(
    program: Program, script: Script, limit: str, calls: int
) -> None:
    script.on("ListNodes", fleet(5000))
    answer = json.loads(program.run("node", "list", "--limit", limit, "--json").out)
    assert [int(listed["id"]) for listed in answer["nodes"]] == list(range(int(limit)))
    assert answer["more"] is True
    assert len(script.requests) == calls


def test_all_means_all(program: Program, script: Script) -> None:
    script.on("ListNodes", fleet(3456))
    done = program.run("node", "list", "--all")
    assert len(done.out.splitlines()) == 1 + 3456
    assert len({line.split()[0] for line in done.out.splitlines()}) == 1 + 3456


def test_a_server_that_repeats_a_page_is_no_endless_loop(program: Program, script: Script) -> None:
    page = nodes_pb2.ListNodesResponse(nodes=[node()], next_page_token="again")
    script.on("ListNodes", page)
    done = program.run("node", "list", "--all")
    assert done.code == 1
    assert "same page twice" in done.err


def test_no_nodes_at_all_says_what_to_do_next(program: Program, script: Script) -> None:
    script.on("ListNodes", fleet(0))
    done = program.run("node", "list")
    assert (done.code, done.out) == (0, "")
    assert "no nodes yet. Switch on a machine" in done.err


def test_filters_that_fit_nothing_say_so(program: Program, script: Script) -> None:
    script.on("ListNodes", fleet(0))
    assert "Leave out a filter" in program.run("node", "list", "--zone", "az9").err


def test_an_empty_list_is_an_empty_list_for_programs(program: Program, script: Script) -> None:
    script.on("ListNodes", fleet(0))
    assert json.loads(program.run("node", "list", "--json").out) == {"nodes": [], "more": False}


def test_a_reader_that_hangs_up_gets_no_traceback(program: Program, script: Script) -> None:
    script.on("ListNodes", fleet(5000))
    process = program.start("node", "list", "--all")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    complaint = process.stderr.read().decode()
    process.wait(30)
    process.stderr.close()
    assert complaint == ""
