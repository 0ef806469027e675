"""Tokens: from the environment or a file, never from the command line."""

from pathlib import Path

import pytest

from tests.bearman_cli.conftest import TOKEN, Program
from tests.bearman_cli.peer import Script
from tests.bearman_cli.samples import whole_node
from tests.bearman_cli.test_bmc_configured import PROVEN


@pytest.fixture(autouse=True)
def answers(script: Script) -> None:
    script.on("GetNode", whole_node())
    script.on("BmcConfigured", PROVEN)


def kept(path: Path, text: str = "file-token\n", mode: int = 0o600) -> Path:
    """A token file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_environment_wins_over_a_file(program: Program, script: Script, tmp_path: Path) -> None:
    program.run("node", "show", "x", BEARMAN_TOKEN_FILE=str(kept(tmp_path / "token")))
    assert script.tokens == [f"Bearer {TOKEN}"]


@pytest.mark.parametrize("verb", [("node", "show", "x"), ("bmc-configured",)])
def test_a_token_may_be_in_a_file(
    program: Program, script: Script, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    file = kept(tmp_path / "token")
    done = program.run(*verb, BEARMAN_TOKEN="", BEARMAN_TOKEN_FILE=str(file))
    assert script.tokens == ["Bearer file-token"]
    assert done.err == ""


def test_operators_may_keep_a_token_in_their_home(program: Program, script: Script) -> None:
    kept(Path(program.environment["HOME"]) / ".config" / "bearman" / "token")
    program.run("node", "show", "x", BEARMAN_TOKEN="")
    assert script.tokens == ["Bearer file-token"]


def test_the_home_may_be_elsewhere(program: Program, script: Script, tmp_path: Path) -> None:
    kept(tmp_path / "xdg" / "bearman" / "token")
    program.run("node", "show", "x", BEARMAN_TOKEN="", XDG_CONFIG_HOME=str(tmp_path / "xdg"))
    assert script.tokens == ["Bearer file-token"]


def test_a_machine_never_shows_the_token_of_an_operator(program: Program, script: Script) -> None:
    kept(Path(program.environment["HOME"]) / ".config" / "bearman" / "token")
    done = program.run("bmc-configured", BEARMAN_TOKEN="")
    assert (done.code, script.tokens) == (4, [])


@pytest.mark.parametrize("mode", [0o604, 0o640])
def test_a_file_that_others_can_read_is_warned_about(
    program: Program, script: Script, tmp_path: Path, mode: int
) -> None:
    file = kept(tmp_path / "token", mode=mode)
    done = program.run("node", "show", "x", BEARMAN_TOKEN="", BEARMAN_TOKEN_FILE=str(file))
    assert f"Others can read the token file {file}: run `chmod 600 {file}`." in done.err
    assert done.code == 0


def test_no_token_is_code_4_and_says_where_to_put_one(program: Program) -> None:
    done = program.run("node", "show", "x", BEARMAN_TOKEN="")
    assert done.code == 4
    assert "bearman/token, or set BEARMAN_TOKEN." in done.err


def test_a_token_file_that_is_missing_is_named(program: Program, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    done = program.run("node", "show", "x", BEARMAN_TOKEN="", BEARMAN_TOKEN_FILE=missing)
    assert (done.code, missing in done.err) == (4, True)


@pytest.mark.parametrize("text", ["", "two words", "line\nline", "x\r\nHost: evil", "naïve"])
def test_what_cannot_be_a_token_is_not_sent_and_not_shown(
    program: Program, script: Script, tmp_path: Path, text: str
) -> None:
    file = kept(tmp_path / "token", text)
    done = program.run("node", "show", "x", BEARMAN_TOKEN="", BEARMAN_TOKEN_FILE=str(file))
    assert done.code == 4
    assert done.err == f"bearman-cli: What {file} holds is not a token.\n"
    assert script.tokens == []


def test_there_is_no_option_for_a_token(program: Program) -> None:
    assert program.run("--token", "secret", "node", "list").code == 2
