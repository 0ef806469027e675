"""The small helpers."""

import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from environs import EnvError
from hypothesis import given
from hypothesis import strategies as st

from bearman.lib import keys, ports, text, tokens
from bearman.lib.addresses import address_or_none
from bearman.lib.network import client_address, networks

PROXY = ip_network("10.0.0.0/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("192.0.2.1", "", [], "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", [], "192.0.2.1"),
        ("10.0.0.1", "198.51.100.9", [PROXY], "198.51.100.9"),
        ("10.0.0.1", "203.0.113.5, 198.51.100.9", [PROXY], "198.51.100.9"),
        ("10.0.0.1", "198.51.100.9, 10.0.0.2", [PROXY], "198.51.100.9"),
        ("10.0.0.1", "nonsense", [PROXY], "10.0.0.1"),
        ("10.0.0.1", "", [PROXY], "10.0.0.1"),
        ("::ffff:192.0.2.1", "", [], "192.0.2.1"),
    ],
)
def test_the_caller_is_who_the_last_trusted_proxy_saw(
    peer: str, forwarded: str, trusted: list[object], expected: str
) -> None:
    found = client_address(ip_address(peer), forwarded, trusted)  # type: ignore[arg-type]
    assert str(found) == expected


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("10.0.0.5/8", "Write 10.0.0.0/8."),
        ("2001:db8::1/32", "Write 2001:db8::/32."),
        ("10.0.0.0/33", "Write it as 10.0.0.0/8 or 2001:db8::/32."),
        ("here", "Write it as 10.0.0.0/8 or 2001:db8::/32."),
    ],
)
def test_a_network_that_is_none_is_told_in_a_sentence(text: str, advice: str) -> None:
    with pytest.raises(EnvError) as told:
        networks(["10.0.0.0/8", text], setting="BEARMAN_X")
    assert str(told.value) == f"BEARMAN_X: {text!r} is no network. {advice}"


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: keys.kept(path, keys.secret_key), range(8)))
    assert len(set(made)) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]


@given(st.text())
def test_clean_text_has_no_control_characters(hostile: str) -> None:
    cleaned = text.clean(hostile)
    assert not any(character in cleaned for character in "\x00\x1b\n\r\u202e\u200b")


def test_lines_may_stay_in_a_log() -> None:
    assert text.clean("one\n\x1btwo\tthree", keep="\n\t") == "one\n two\tthree"


def test_a_taken_port_is_told_with_its_reason() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        assert ports.who_has(bind) == "Address already in use"
    assert ports.who_has(bind) is None


@pytest.mark.parametrize("bind", ["", "8000", "127.0.0.1:", ":8000", "host:99999", "host:x"])
def test_what_is_no_bind_address_is_refused(bind: str) -> None:
    with pytest.raises(ValueError, match="is not HOST:PORT"):
        ports.split_bind(bind)


def test_tokens_are_long_random_and_known_by_their_prefix() -> None:
    one, two = tokens.new(tokens.BOOT_PREFIX), tokens.new(tokens.BOOT_PREFIX)
    assert one != two
    assert one.startswith("bmb_")
    assert len(one) < tokens.MAX_LENGTH


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("127.0.0.1", "127.0.0.1"),
        (" ::1 ", "::1"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("fe80::1%eth0", None),
        ("$(reboot)", None),
        ("", None),
        ("1" * 1000, None),
    ],
)
def test_only_addresses_pass_for_addresses(given_text: str, expected: str | None) -> None:
    assert address_or_none(given_text) == expected
