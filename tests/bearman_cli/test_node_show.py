"""`bearman-cli node show`: one node for people and for programs."""

import json

import grpc

from protos.bearman.v1 import issues_pb2, nodes_pb2
from tests.bearman_cli.conftest import UUID, Program
from tests.bearman_cli.peer import Refusal, Script
from tests.bearman_cli.samples import node, whole_node
from tests.bearman_cli.test_node_list import NODE_KEYS


def test_people_see_status_inventory_and_time_line(program: Program, script: Script) -> None:
    script.on("GetNode", whole_node())
    done = program.run("node", "show", UUID)
    assert done.code == 0
    assert script.requests[0].node == UUID
    for words in (
        "REGISTER_FAILED",
        "Check its cable.",
        "2026-05-28 20:26:40 UTC",
        "64 GiB",
        "4 TB",
        "spinning",
        "b4:c0:4f:00:00:01",
        "Xeon Gold 6130",
        "REGISTERING -> REGISTER_FAILED",
        "the serial is a placeholder",
    ):
        assert words in done.out, words
    assert done.out.index("Interfaces") < done.out.index("Events, newest first")


def test_programs_get_every_part(program: Program, script: Script) -> None:
    script.on("GetNode", whole_node())
    answer = json.loads(program.run("node", "show", UUID, "--json").out)
    assert set(answer) == {
        "node",
        "interfaces",
        "disks",
        "memory_modules",
        "processors",
        "events",
        "warnings",
        "bios_version",
        "memory_bytes",
        "findings",
    }
    assert set(answer["node"]) == NODE_KEYS
    assert answer["disks"][0]["size_bytes"] == 4_000_787_030_016
    assert answer["events"][0] == {
        "id": 2,
        "at": "2026-05-28T20:26:40.123Z",
        "actor": "node",
        "kind": "status",
        "from_status": "REGISTERING",
        "to_status": "REGISTER_FAILED",
        "step": "bmc",
        "message": "The BMC did not answer.",
        "issue": None,
    }


def test_a_node_of_which_nothing_is_known_is_shown_with_a_hint(
    program: Program, script: Script
) -> None:
    script.on("GetNode", nodes_pb2.GetNodeResponse(node=nodes_pb2.NodeSummary(id="3")))
    done = program.run("node", "show", "3")
    assert done.code == 0
    assert "has not registered yet" in done.out
    assert "Nothing has happened yet." in done.out


def test_a_status_of_a_newer_server_is_shown_by_its_number(
    program: Program, script: Script
) -> None:
    newer = node()
    newer.ParseFromString(newer.SerializeToString() + b"\x48\x63")  # field 9, varint 99
    script.on("GetNode", nodes_pb2.GetNodeResponse(node=newer))
    assert json.loads(program.run("node", "show", "3", "--json").out)["node"]["status"] == (
        "STATUS_99"
    )


def test_an_unknown_node_is_code_5(program: Program, script: Script) -> None:
    script.on("GetNode", Refusal(grpc.StatusCode.NOT_FOUND, "There is no node `nobody`."))
    done = program.run("node", "show", "nobody")
    assert (done.code, done.out) == (5, "")
    assert done.err == "bearman-cli: There is no node `nobody`.\n"


def test_words_that_fit_several_nodes_are_code_6(program: Program, script: Script) -> None:
    script.on("GetNode", Refusal(grpc.StatusCode.FAILED_PRECONDITION, "Three nodes fit."))
    assert program.run("node", "show", "R640").code == 6


def test_a_name_that_is_not_utf8_is_no_crash(program: Program, script: Script) -> None:
    script.on("GetNode", Refusal(grpc.StatusCode.NOT_FOUND, "No such node."))
    assert program.run("node", "show", "caf\udce9").code == 5


def test_what_failed_stands_there_with_its_code_and_what_the_checks_found(
    program: Program, script: Script
) -> None:
    answer = whole_node()
    answer.node.issue, answer.node.issue_title = "WIRE-004", "Cables of one machine are swapped"
    finding = issues_pb2.Finding(
        code="WIRE-004",
        severity=issues_pb2.SEVERITY_ERROR,
        subject="eno1",
        message="eno1 and eno2 are swapped.",
        advice="Swap them at the switch.",
        source="wiring",
    )
    answer.findings.append(finding)
    script.on("GetNode", answer)
    out = program.run("node", "show", UUID).out
    assert "WIRE-004 Cables of one machine are swapped\n" in out
    row = next(line for line in out.splitlines() if line.startswith("error"))
    assert row.split()[:3] == ["error", "WIRE-004", "eno1"]
    assert row.endswith("eno1 and eno2 are swapped.  Swap them at the switch.")
    assert out.index("Findings") < out.index("Processors")
    found = json.loads(program.run("node", "show", UUID, "--json").out)["findings"]
    assert (found[0]["severity"], found[0]["source"]) == ("ERROR", "wiring")
