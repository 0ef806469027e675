"""Text from hostile nodes: nothing of it steers a terminal, whatever the verb."""

import json
import os
import pty
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bearman_cli.text import clean, shorten
from protos.bearman.v1 import nodes_pb2
from tests.bearman_cli.conftest import Program
from tests.bearman_cli.peer import Refusal, Script
from tests.bearman_cli.samples import node, whole_node

HOSTILE = "\x1b]0;owned\x07\x1b[2J[red]R[/red]\r\n\x9b31m\u202egnp\u2028:skull: "
CLEANED = r"\x1b]0;owned\x07\x1b[2J[red]R[/red]\r\n\x9b31m\u202egnp\u2028:skull: ".rstrip()


@given(st.text())
def test_what_is_cleaned_has_nothing_unprintable(text: str) -> None:
    categories = {unicodedata.category(char) for char in clean(text)}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S"))))
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@given(st.text(), st.integers(1, 50))
def test_what_is_shortened_is_short(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit
    assert shorten(text, len(text) + 1) == text


def poisoned(message: Any) -> Any:
    """The message with hostile text in every string, at any depth."""
    for field, value in message.ListFields():
        if isinstance(value, str):
            setattr(message, field.name, HOSTILE)
        elif field.message_type is not None and field.message_type.name != "Timestamp":
            for item in [value] if hasattr(value, "ListFields") else value:
                poisoned(item)
    return message


@pytest.fixture(autouse=True)
def answers(script: Script) -> None:
    script.on("GetNode", poisoned(whole_node()))
    script.on("ListNodes", nodes_pb2.ListNodesResponse(nodes=[poisoned(node())]))
    script.on("WatchNodes", one_event)


def one_event(
    request: nodes_pb2.WatchNodesRequest, context: grpc.ServicerContext
) -> Iterator[nodes_pb2.WatchNodesResponse]:
    event = poisoned(nodes_pb2.NodeEvent(id=1, kind="x", step="x", message="x", actor="x"))
    yield nodes_pb2.WatchNodesResponse(node=poisoned(node()), event=event)
    context.abort(grpc.StatusCode.NOT_FOUND, "That is all.")


VERBS = [("node", "list"), ("node", "show", "x"), ("node", "watch")]


@pytest.mark.parametrize("verb", VERBS)
def test_in_a_pipe_it_is_escaped(program: Program, verb: tuple[str, ...]) -> None:
    out = program.run(*verb).out
    assert CLEANED in out
    assert clean(out.replace("\n", "")) == out.replace("\n", "")


@pytest.mark.parametrize("verb", VERBS)
def test_in_json_it_is_whole_but_escaped(program: Program, verb: tuple[str, ...]) -> None:
    out = program.run(*verb, "--json").out
    assert out.isascii()
    assert clean(out.rstrip("\n")) == out.rstrip("\n")
    assert json.dumps(HOSTILE) in out


def on_terminal(program: Program, *arguments: str, columns: int = 300, no_color: str = "") -> str:
    """What the program writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    process = program.start(
        *arguments, stdout=theirs, TERM="xterm-256color", COLUMNS=str(columns), NO_COLOR=no_color
    )
    os.close(theirs)
    written = b""
    while chunk := read_or_end(ours):
        written += chunk
    os.close(ours)
    process.communicate(timeout=20)
    return written.decode()


def read_or_end(descriptor: int) -> bytes:
    """The next bytes; none at the end, which Linux reports as EIO on a terminal."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize("verb", VERBS)
def test_on_a_terminal_only_our_own_colours_are_left(
    program: Program, verb: tuple[str, ...]
) -> None:
    written = on_terminal(program, *verb)
    without_colours = re.sub(r"\x1b\[[0-9;]*m", "", written)
    assert clean(without_colours.replace("\r\n", "")) == without_colours.replace("\r\n", "")
    assert "[red]R[/red]" in without_colours
    assert ":skull:" in without_colours


def test_a_terminal_gets_colours_and_no_color_takes_them_away(
    program: Program, script: Script
) -> None:
    script.on("ListNodes", nodes_pb2.ListNodesResponse(nodes=[node()]))
    assert re.search(r"\x1b\[1;31mREGISTER_FAILED", on_terminal(program, "node", "list"))
    plain = on_terminal(program, "node", "list", no_color="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", plain)


def test_a_narrow_terminal_keeps_the_uuid_whole(program: Program, script: Script) -> None:
    script.on("ListNodes", nodes_pb2.ListNodesResponse(nodes=[node()]))
    written = on_terminal(program, "node", "list", columns=80)
    assert node().uuid in written
    assert max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", written).splitlines())) <= 80


def test_the_sentence_of_the_server_is_escaped_in_an_error(
    program: Program, script: Script
) -> None:
    script.on("GetNode", Refusal(grpc.StatusCode.NOT_FOUND, HOSTILE))
    assert program.run("node", "show", "x").err == f"bearman-cli: {CLEANED}\n"


def test_an_endless_sentence_is_cut(program: Program, script: Script) -> None:
    script.on("GetNode", Refusal(grpc.StatusCode.NOT_FOUND, "x" * 5000))
    assert len(program.run("node", "show", "x").err) <= 2001
