"""autorun fetches the script that is due, verifies it and runs it, and waits for Bearman."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from profiles.bundle import bundle
from tests.boot_scripts.machine import BOOT_SCRIPTS, TOKEN, UUID, Machine
from tests.boot_scripts.web import Answer, Web

HELLO = b'echo "hello from $0"; env >"${0%/*}/environment"; pwd >"${0%/*}/folder"\n'


def test_the_script_that_is_due_is_run_with_the_settings(machine: Machine, web: Web) -> None:
    web.publish(UUID, "hello.sh", HELLO)
    ended = machine.run("autorun")
    script = machine.run_folder / "hello.sh"
    assert ended.code == 0, ended.console
    assert f"bearman: running {script}\nhello from {script}\n" in ended.console
    environment = (machine.run_folder / "environment").read_text().splitlines()
    assert f"BEARMAN_TOKEN={TOKEN}" in environment
    assert f"BEARMAN_UUID={UUID}" in environment
    assert f"BEARMAN_URL={web.url}" in environment
    assert "BEARMAN_GRPC=127.0.0.1:50051" in environment


def test_the_token_is_shown_to_bearman_and_not_to_the_store_of_scripts(
    machine: Machine, web: Web
) -> None:
    web.publish(UUID, "hello.sh", HELLO)
    machine.run("autorun")
    assert web.asked == [(f"/autorun/{UUID}", f"Bearer {TOKEN}"), ("/scripts/hello.sh", "")]


def test_register_sh_in_its_published_form_does_its_work(machine: Machine, web: Web) -> None:
    web.publish(UUID, "register.sh", bundle("register.sh", BOOT_SCRIPTS))
    ended = machine.run("autorun")
    assert (ended.code, machine.is_off) == (0, True), ended.console
    # autorun has reached Bearman, so the first step can be told of as well.
    assert machine.reports("progress")[0]["step"] == "wiring"


def test_the_run_folder_is_for_root_alone(machine: Machine, web: Web) -> None:
    web.publish(UUID, "register.sh", bundle("register.sh", BOOT_SCRIPTS))
    machine.run("autorun")
    assert machine.run_folder.stat().st_mode & 0o777 == 0o700
    for path in machine.run_folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_failed_step_ends_autorun_with_its_code_and_is_told_once(
    machine: Machine, web: Web
) -> None:
    web.publish(UUID, "register.sh", bundle("register.sh", BOOT_SCRIPTS))
    machine.bearman_answers("register", 9, says="Pool ipmi-a has no free address.")
    ended = machine.run("autorun")
    assert ended.code == 9
    assert [report["step"] for report in machine.reports("failed")] == ["register"]
    again = machine.run_folder / "register.sh"
    assert f"  Try again     {again} --from register\n" in ended.console
    machine.start(again, "--from", "register").communicate(timeout=60)
    assert machine.is_off


@pytest.mark.issue("BOOT-005")
@pytest.mark.parametrize(
    ("script", "code"), [(b"kill -9 $$\n", 137), (b"exit 3\n", 3), (b"if then fi (\n", 2)]
)
def test_a_script_that_ends_without_a_word_is_told_of(
    machine: Machine, web: Web, script: bytes, code: int
) -> None:
    web.publish(UUID, "mute.sh", script)
    ended = machine.run("autorun")
    assert ended.code == code
    assert machine.reports("failed")[0]["message"].endswith(
        f"mute.sh ended with code {code} and did not say why"
    )
    assert machine.reports("failed")[0]["issue"] == "BOOT-005"


def test_autorun_waits_for_a_bearman_that_is_away_and_says_so(machine: Machine, web: Web) -> None:
    console = run_while_away(machine, web)
    assert "bearman: waiting for Bearman (curl: (7) " in console
    assert "hello from" in console


def run_while_away(machine: Machine, web: Web) -> str:
    """Run autorun while Bearman is away, until it has been waited for eight times."""
    web.publish(UUID, "hello.sh", HELLO)
    web.stop()
    with ThreadPoolExecutor() as beside:
        waiting = beside.submit(machine.run, "autorun")
        while len(machine.calls("sleep")) < 8 and not waiting.done():
            time.sleep(0.01)
        web.start()
        return waiting.result().console


def test_the_pauses_grow_and_never_pass_a_minute(machine: Machine, web: Web) -> None:
    run_while_away(machine, web)
    pauses = [int(call) for call in machine.calls("sleep")][:8]
    assert len(pauses) == 8
    for number, pause in enumerate(pauses):
        least = min(2**number, 30)
        assert least <= pause <= 2 * least
    assert pauses != [min(2**number, 30) for number in range(8)], "no jitter"


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
def test_a_busy_server_is_asked_again(machine: Machine, web: Web, status: int) -> None:
    web.answers[f"/autorun/{UUID}"] = Answer(b"<html>not now</html>", status=status)

    def recover(path: str) -> None:
        if len(web.asked) == 3:
            web.publish(UUID, "hello.sh", HELLO)

    web.on_request = recover
    ended = machine.run("autorun")
    assert ended.code == 0
    assert f"answered {status}: <html>not now</html>); next try in" in ended.console


def test_when_patience_ends_the_machine_says_so_and_exits_with_3(
    machine: Machine, web: Web
) -> None:
    web.stop()
    machine.environment["BEARMAN_PATIENCE"] = "1"
    ended = machine.run("autorun")
    assert ended.code == 3
    assert "Reason        Bearman did not answer for 1 s: curl: (7)" in ended.console
    assert "links up: eth0." in " ".join(ended.console.split())


@pytest.mark.parametrize(("status", "code"), [(401, 4), (403, 4), (404, 6), (302, 6), (204, 6)])
def test_a_refusal_is_final(machine: Machine, web: Web, status: int, code: int) -> None:
    body = b"" if status == 204 else b"This token belongs to another machine."
    web.answers[f"/autorun/{UUID}"] = Answer(body, status=status)
    ended = machine.run("autorun")
    assert ended.code == code
    assert f"answered {status}: {body.decode()}".strip() in machine.reports("failed")[0]["message"]
    assert len(web.asked) == 1


def test_a_failure_is_told_with_the_log_and_the_own_address(machine: Machine, web: Web) -> None:
    machine.run("autorun")
    (report,) = machine.reports("failed")
    assert report["step"] == "autorun"
    assert report["address"] == "127.0.0.1"
    assert "answered 404: nothing here" in report["log_tail"]


def test_a_failure_that_cannot_be_told_is_shown_all_the_same(machine: Machine, web: Web) -> None:
    web.answers[f"/report/{UUID}"] = Answer(b"What machine?", status=404)
    ended = machine.run("autorun")
    assert ended.code == 6
    told = f"{web.url}/report/{UUID} answered 404: What machine?"
    assert f"bearman: Bearman could not be told: {told}\n" in ended.console
    assert "  Step          autorun, code BOOT-004\n" in ended.console


def test_a_script_that_is_still_running_keeps_its_own_text(
    machine: Machine, web: Web, tmp_path: Path
) -> None:
    """A shell reads its script as it goes: the file must be replaced, never overwritten."""
    web.publish(UUID, "hello.sh", HELLO)
    machine.run("autorun")
    script = machine.run_folder / "hello.sh"
    (tmp_path / "still-open").hardlink_to(script)
    web.publish(UUID, "hello.sh", b"echo something else\n")
    machine.run("autorun")
    assert (tmp_path / "still-open").read_bytes() == HELLO
    assert script.read_bytes() == b"echo something else\n"
