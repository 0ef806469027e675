"""`bearman-cli power ...`: asked once, confirmed where it hurts, followed to the end."""

import json
import os
import pty
import signal
import time
from typing import Any
from uuid import UUID

import grpc
import pytest

from protos.bearman.v1 import power_pb2 as pb
from tests.bearman_cli.conftest import Program
from tests.bearman_cli.peer import Refusal, Script
from tests.bearman_cli.samples import SEEN

BATCH = "0d0a6f5e-7d0c-4b0b-9a55-6f4f4d4d1c11"
IN_USE = "This would cut the power of a machine that is in use: Dell R640 SN1 (node 17)."
UNCONFIRMED = Refusal(grpc.StatusCode.FAILED_PRECONDITION, IN_USE, kind="Unconfirmed")


def item(
    number: int, result: pb.PowerResult.ValueType = pb.POWER_RESULT_DONE, **more: Any
) -> pb.PowerItem:
    """One node of a batch."""
    values: dict[str, Any] = {"message": "The power is on.", "power": "on", "ended_at": SEEN} | more
    return pb.PowerItem(
        node_id=str(number), node_label=f"Dell R640 SN{number}", result=result, **values
    )


def batch(*items: pb.PowerItem, finished: bool = True) -> pb.GetPowerBatchResponse:
    """A batch as Bearman tells of it."""
    return pb.GetPowerBatchResponse(
        action=pb.POWER_ACTION_ON, actor="ada", items=items, finished=finished
    )


@pytest.fixture(autouse=True)
def answers(script: Script) -> None:
    """A server for which all goes well."""
    script.on("RequestPower", pb.RequestPowerResponse(batch_id=BATCH))
    script.on("GetPowerBatch", batch(item(17)))


def asked(script: Script) -> list[pb.RequestPowerRequest]:
    """What was asked, call by call."""
    return [seen for seen in script.requests if isinstance(seen, pb.RequestPowerRequest)]


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("on a b", "ON"),
        ("off a b", "SOFT_OFF"),
        ("off --hard a b", "HARD_OFF"),
        ("cycle a b", "CYCLE"),
        ("status a b", "STATUS"),
        ("boot a b", "BOOT_PXE"),
        ("boot --from disk a b", "BOOT_DISK"),
        ("boot --from setup a b", "BOOT_SETUP"),
        ("identify a b", "IDENTIFY_ON"),
        ("identify --off a b", "IDENTIFY_OFF"),
    ],
)
def test_each_verb_asks_for_its_action(
    program: Program, script: Script, words: str, action: str
) -> None:
    done = program.run("power", *words.split())
    assert done.code == 0, done.err
    (request,) = asked(script)
    assert list(request.nodes) == ["a", "b"]
    assert pb.PowerAction.Name(request.action) == f"POWER_ACTION_{action}"
    assert not request.confirmed
    assert UUID(request.request_id).version == 4


def test_people_get_a_row_for_each_node(program: Program, script: Script) -> None:
    going = batch(item(17, pb.POWER_RESULT_RUNNING, message="", power=""), item(18), finished=False)
    script.on("GetPowerBatch", going, batch(item(17), item(18, power="")))
    done = program.run("power", "on", "17", "18")
    assert done.code == 0
    title, first, second = done.out.splitlines()
    assert title.split() == ["NODE", "MACHINE", "RESULT", "POWER", "MESSAGE"]
    assert first == "17    Dell R640 SN17  DONE    on     The power is on."
    assert second == "18    Dell R640 SN18  DONE    -      The power is on."
    assert "\x1b" not in done.out


def test_one_node_that_failed_is_code_10_with_advice(program: Program, script: Script) -> None:
    bad = item(18, pb.POWER_RESULT_FAILED, message="Silent.", advice="Check its cable.", power="")
    script.on("GetPowerBatch", batch(item(17), bad))
    done = program.run("power", "on", "17", "18")
    assert done.code == 10
    assert "Silent." in done.out
    assert "It failed for 1 of 2 nodes. Check its cable." in done.err


def test_programs_get_the_batch(program: Program, script: Script) -> None:
    bad = item(18, pb.POWER_RESULT_FAILED, message="Silent.", advice="Check its cable.", power="")
    script.on("GetPowerBatch", batch(item(17), bad))
    done = program.run("power", "on", "17", "18", "--json")
    assert done.code == 10
    answer = json.loads(done.out)
    assert (answer["action"], answer["actor"], answer["finished"]) == ("ON", "ada", True)
    assert answer["items"][1] == {
        "node_id": "18",
        "node_label": "Dell R640 SN18",
        "result": "FAILED",
        "message": "Silent.",
        "advice": "Check its cable.",
        "power": None,
        "ended_at": "2026-05-28T20:26:40.123Z",
    }
    assert json.loads(done.err)["error"]["name"] == "FAILED"


def test_it_need_not_be_waited_for(program: Program, script: Script) -> None:
    done = program.run("power", "on", "17", "--no-wait")
    assert (done.code, BATCH in done.out) == (0, True)
    answer = json.loads(program.run("power", "on", "17", "--no-wait", "--json").out)
    assert answer == {"batch_id": BATCH}
    assert len(script.requests) == 2


def test_a_server_that_is_away_for_a_moment_is_asked_with_the_same_number(
    program: Program, script: Script
) -> None:
    away = Refusal(grpc.StatusCode.UNAVAILABLE, "restarting")
    script.on("RequestPower", away, pb.RequestPowerResponse(batch_id=BATCH))
    script.on("GetPowerBatch", away, batch(item(17)))
    assert program.run("power", "cycle", "17").code == 0
    first, second = asked(script)
    assert first.request_id == second.request_id


@pytest.mark.parametrize("verb", ["off", "cycle"])
def test_a_machine_in_use_is_left_alone_without_a_terminal_and_yes(
    program: Program, script: Script, verb: str
) -> None:
    script.on("RequestPower", UNCONFIRMED)
    done = program.run("power", verb, "17")
    assert done.code == 6
    assert f"{IN_USE} Give --yes" in done.err
    assert len(asked(script)) == 1


@pytest.mark.parametrize("verb", ["off", "cycle"])
def test_yes_is_told_to_the_server(program: Program, script: Script, verb: str) -> None:
    assert program.run("power", verb, "17", "--yes").code == 0
    assert [request.confirmed for request in asked(script)] == [True]


def test_another_refusal_is_no_question(program: Program, script: Script) -> None:
    refusal = Refusal(grpc.StatusCode.FAILED_PRECONDITION, "Node 17 has no BMC.", kind="Conflict")
    script.on("RequestPower", refusal)
    code, written = answered(program, b"y\n", "power", "off", "17")
    assert code == 6
    assert "[y/N]" not in written
    assert len(asked(script)) == 1


def answered(program: Program, answer: bytes, *arguments: str) -> tuple[int, str]:
    """Run at a terminal, type the answer; exit code and all that was written to stderr."""
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    done = program.start_at(theirs, *arguments)
    os.close(theirs)
    _, complaint = done.communicate(timeout=20)
    os.close(ours)
    return done.returncode, complaint.decode()


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 130), (b"\n", 130)])
def test_at_a_terminal_the_question_names_the_machine_in_use(
    program: Program, script: Script, answer: bytes, code: int
) -> None:
    script.on("RequestPower", UNCONFIRMED, pb.RequestPowerResponse(batch_id=BATCH))
    ended, written = answered(program, answer, "power", "off", "--hard", "17")
    assert ended == code
    assert f"{IN_USE} Do it all the same? [y/N]" in written
    assert [request.confirmed for request in asked(script)] == [False, True][: 2 - (code != 0)]


def test_ctrl_c_leaves_the_request_running_and_says_so(program: Program, script: Script) -> None:
    script.on("GetPowerBatch", batch(item(17, pb.POWER_RESULT_RUNNING), finished=False))
    process = program.start("power", "on", "17")
    while len(script.requests) < 2:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Nothing was stopped" in complaint.decode()
    assert BATCH in complaint.decode()


def test_an_unknown_node_is_code_5_and_no_node_at_all_is_wrong_usage(
    program: Program, script: Script
) -> None:
    script.on("RequestPower", Refusal(grpc.StatusCode.NOT_FOUND, "There is no node 'x'."))
    assert program.run("power", "on", "x").code == 5
    assert program.run("power", "on").code == 2


def test_a_terminal_sees_how_far_it_is(program: Program, script: Script) -> None:
    going = batch(
        item(17, pb.POWER_RESULT_WAITING, message="Try 2 of 3 follows. \x1b[2J"),
        item(18, pb.POWER_RESULT_FAILED),
        finished=False,
    )
    script.on("GetPowerBatch", going, batch(item(17), item(18)))
    ours, theirs = pty.openpty()
    process = program.start("power", "on", "17", "18", stdout=theirs, TERM="xterm", COLUMNS="90")
    os.close(theirs)
    process.communicate(timeout=20)
    written = os.read(ours, 65536).decode()
    os.close(ours)
    assert r"1 of 2 finished, 1 failed, Try 2 of 3 follows. \x1b[2J" in written
    assert "\x1b[2J" not in written
