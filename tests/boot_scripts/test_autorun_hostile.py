"""What autorun does with answers and settings that nobody in his right mind would give it."""

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.boot_scripts.machine import TOKEN, UUID, Machine
from tests.boot_scripts.shells import under_two_shells
from tests.boot_scripts.web import Answer, Web

TROJAN = b'touch "${0%/*}/trojan-was-run"\n'
SUM = hashlib.sha256(TROJAN).hexdigest()
MEBIBYTE = 1024 * 1024


def was_run(machine: Machine) -> bool:
    """Whether anything executed the script or one of the names in it."""
    return bool(list(machine.root.rglob("*trojan-was-run*")))


def offer(web: Web, line: bytes) -> None:
    """Answer `line` to the question what is due, and have the script ready."""
    web.answers["/trojan.sh"] = Answer(TROJAN)
    web.answers[f"/autorun/{UUID}"] = Answer(line.replace(b"URL", f"{web.url}/trojan.sh".encode()))


def test_the_offer_of_these_tests_is_run_where_it_is_right(machine: Machine, web: Web) -> None:
    offer(web, f"trojan.sh {SUM} URL".encode())
    assert machine.run("autorun").code == 0
    assert was_run(machine)


@under_two_shells
@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"trojan.sh",
        f"trojan.sh {SUM}".encode(),
        f"trojan.sh {SUM} URL more".encode(),
        f" trojan.sh {SUM} URL".encode(),
        f"trojan.sh  {SUM} URL".encode(),
        f"trojan.sh\t{SUM}\tURL".encode(),
        f"trojan.sh {SUM} URL\r\n".encode(),
        f"trojan.sh {SUM} URL\nregister.sh {SUM} URL\n".encode(),
        f"trojan.sh\n{SUM}\nURL\n".encode(),
        f"trojan.sh {SUM.upper()} URL".encode(),
        f"trojan.sh {SUM[:-1]} URL".encode(),
        f"../trojan.sh {SUM} URL".encode(),
        f"/bin/trojan.sh {SUM} URL".encode(),
        f"-trojan.sh {SUM} URL".encode(),
        f".trojan.sh {SUM} URL".encode(),
        f"passed {SUM} URL".encode(),
        f"$(touch${{IFS}}x).sh {SUM} URL".encode(),
        f"`touch trojan-was-run`.sh {SUM} URL".encode(),
        f"trojan.sh;reboot {SUM} URL".encode(),
        f"trojan.sh {SUM} file:///etc/passwd".encode(),
        f"trojan.sh {SUM} URL$(touch trojan-was-run)".encode(),
        f'trojan.sh {SUM} URL"'.encode(),
        f"trojan.sh {SUM} -oURL".encode(),
        f"trojan.sh {SUM} URL\x00".encode(),
        f"tröjan.sh {SUM} URL".encode(),
        b"\xff\xfe\x00" * 100,
        f"trojan.sh {SUM} URL".encode() + b"a" * 5000,
    ],
)
def test_an_answer_that_is_not_exactly_one_good_line_is_refused(
    machine: Machine, web: Web, line: bytes
) -> None:
    offer(web, line)
    ended = machine.run("autorun")
    assert ended.code == 6
    assert not was_run(machine)
    assert not list(machine.root.rglob("x"))


@pytest.mark.parametrize("length", [-1, None], ids=["announced", "unannounced"])
@pytest.mark.parametrize("path", [f"/autorun/{UUID}", "/trojan.sh"])
def test_ten_megabytes_are_cut_off_and_refused(
    machine: Machine, web: Web, path: str, length: int | None
) -> None:
    offer(web, f"trojan.sh {SUM} URL".encode())
    web.answers[path] = Answer(b"#" * (10 * MEBIBYTE), length=length)
    ended = machine.run("autorun")
    assert ended.code == 6
    assert "is over 1048576 bytes" in " ".join(ended.console.split())
    assert sum(path.stat().st_size for path in machine.root.rglob("*")) < 2 * MEBIBYTE


def test_a_script_of_exactly_the_limit_is_run(machine: Machine, web: Web) -> None:
    body = TROJAN + b"#" * (MEBIBYTE - len(TROJAN) - 1) + b"\n"
    web.publish(UUID, "large.sh", body)
    assert machine.run("autorun").code == 0
    assert was_run(machine)


@pytest.mark.issue("BOOT-004")
def test_a_wrong_checksum_is_refused_and_both_sums_are_told(machine: Machine, web: Web) -> None:
    web.publish(UUID, "trojan.sh", TROJAN, checksum="0" * 64)
    ended = machine.run("autorun")
    assert ended.code == 6
    assert not was_run(machine)
    assert machine.reports("failed")[0]["message"] == (
        f"trojan.sh came with SHA-256 {SUM}, not {'0' * 64}"
    )
    assert machine.reports("failed")[0]["issue"] == "BOOT-004"


def test_a_script_that_breaks_off_is_fetched_again(machine: Machine, web: Web) -> None:
    web.publish(UUID, "trojan.sh", TROJAN)
    web.answers["/scripts/trojan.sh"] = Answer(TROJAN[:10], length=len(TROJAN))

    def mend(path: str) -> None:
        if len(web.asked) == 5:
            web.publish(UUID, "trojan.sh", TROJAN)

    web.on_request = mend
    ended = machine.run("autorun")
    assert ended.code == 0
    assert was_run(machine)
    assert "waiting for Bearman (curl: (18)" in ended.console


def test_a_script_that_breaks_off_without_a_sign_is_never_run(machine: Machine, web: Web) -> None:
    web.publish(UUID, "trojan.sh", TROJAN + b"exit 1\n")
    web.answers["/scripts/trojan.sh"] = Answer(TROJAN, length=None)
    assert machine.run("autorun").code == 6
    assert not was_run(machine)


def test_an_error_page_cannot_write_to_the_console_as_it_likes(machine: Machine, web: Web) -> None:
    web.answers[f"/autorun/{UUID}"] = Answer(
        b"\x1b[2J\x1b]0;pwned\x07 `reboot` $(reboot) \\l\r\nBEARMAN: ALL IS WELL\n" * 50, status=403
    )
    ended = machine.run("autorun")
    assert ended.code == 4
    assert not set(ended.console) & {"\x1b", "\x07", "\r"}
    assert "\nBEARMAN: ALL IS WELL" not in ended.console
    assert "\\" not in (machine.root / "run/issue.d/bearman.issue").read_text()


GOOD = {"url": "http://10.0.0.1:8000", "grpc": "10.0.0.1:50051", "uuid": UUID, "token": TOKEN}


@under_two_shells
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "http://$(touch${IFS}x)/"),
        ("url", "file:///etc/passwd"),
        ("url", "http://10.0.0.1/?a=b"),
        ("url", 'http://10.0.0.1/"-o"x'),
        ("url", "-K/etc/passwd"),
        ("url", "http://"),
        ("url", ""),
        ("grpc", "10.0.0.1"),
        ("grpc", "10.0.0.1:50051;reboot"),
        ("grpc", "--help:1"),
        ("uuid", "../../healthz"),
        ("uuid", UUID + "0"),
        ("uuid", UUID.replace("-", "")),
        ("uuid", "`reboot`"),
        ("token", 'abcdefgh"\\nurl=x'),
        ("token", "short"),
        ("token", "t" * 513),
        ("token", "\udcff\udcfe\udcfd" * 5),
        ("plaintext", "yes"),
    ],
)
def test_a_malformed_setting_is_named_and_never_used(
    machine: Machine, web: Web, name: str, value: str
) -> None:
    machine.boots_with(**{**GOOD, name: value})
    ended = machine.run("autorun")
    assert ended.code == 2
    assert f"Reason        bearman.{name} " in ended.console
    assert web.asked == []
    assert not list(machine.root.rglob("x"))
    assert value not in machine.log("settings") or not value


@pytest.mark.issue("BOOT-003")
@pytest.mark.parametrize("name", ["url", "grpc", "uuid", "token"])
def test_a_missing_setting_is_named(machine: Machine, name: str) -> None:
    machine.boots_with(**{key: value for key, value in GOOD.items() if key != name})
    ended = machine.run("register.sh")
    assert ended.code == 2
    assert f"Reason        bearman.{name} is not on the kernel command line\n" in ended.console
    assert "code BOOT-003" in ended.console


def test_the_environment_goes_before_the_kernel_command_line(machine: Machine, web: Web) -> None:
    machine.boots_with(url="http://10.255.255.1", grpc="x", uuid="x", token="x")
    machine.environment |= {
        "BEARMAN_URL": f"{web.url}/",
        "BEARMAN_GRPC": "127.0.0.1:50051",
        "BEARMAN_UUID": UUID,
        "BEARMAN_TOKEN": TOKEN,
    }
    web.publish(UUID, "trojan.sh", TROJAN)
    assert machine.run("autorun").code == 0
    assert was_run(machine)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(line=st.binary(max_size=200))
def test_no_random_answer_is_ever_taken_for_a_script(
    machine: Machine, web: Web, line: bytes
) -> None:
    offer(web, line)
    assert machine.run("autorun").code == 6
