"""What arrives on the wire is hostile: nothing in it makes a simulated BMC fail."""

import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.bmc import Privilege, SimulatedBmc, message, rmcp
from simulator.bmc.rakp import SUITE_3, SUITE_17, BadPayloadError, CipherSuite, SessionKeys
from simulator.bmc.server import answer

suites = st.sampled_from([SUITE_3, SUITE_17])


def make_bmc() -> SimulatedBmc:
    bmc = SimulatedBmc("fuzzed", powered=True)
    bmc.set_user(2, name="u", password="p", enabled=True, privilege=Privilege.ADMINISTRATOR)
    return bmc


def request(netfn: int, command: int, data: bytes = b"") -> bytes:
    head, body = bytes([0x20, netfn << 2]), bytes([0x81, 0, command]) + data
    return head + bytes([message.checksum(head)]) + body + bytes([message.checksum(body)])


class Console:
    """The other end of an active session, whose keys are put in place by hand."""

    def __init__(self, bmc: SimulatedBmc, suite: CipherSuite) -> None:
        session = bmc.sessions.open(1234, suite)
        assert session is not None
        session.keys = self.keys = SessionKeys.derive(suite, os.urandom(20))
        session.privilege = session.max_privilege = Privilege.ADMINISTRATOR
        self.session = session

    def seal(self, payload: bytes, sequence: int = 1) -> bytes:
        frame = rmcp.frame_v20(0xC0, self.session.id, sequence, self.keys.encrypt(payload))
        frame += rmcp.integrity_trailer(frame)
        return frame + self.keys.authcode(frame[4:])


@given(st.binary(max_size=1100))
def test_random_bytes_are_ignored(datagram: bytes) -> None:
    assert answer(make_bmc(), datagram) is None


@given(st.binary(max_size=300), st.sampled_from([0x00, 0x06]))
def test_a_header_followed_by_random_bytes_never_fails(rest: bytes, authentication: int) -> None:
    answer(make_bmc(), rmcp.RMCP_HEADER + bytes([authentication]) + rest)


@given(st.sampled_from([0x10, 0x12, 0x14]), st.binary(max_size=64))
def test_a_random_handshake_message_never_opens_a_session(kind: int, payload: bytes) -> None:
    bmc = make_bmc()
    answer(bmc, rmcp.frame_v20(kind, 0, 0, payload))
    assert all(session.keys is None for session in bmc.sessions)


@given(st.integers(0, 62), st.integers(0, 255), st.binary(max_size=24))
def test_any_command_without_a_session_is_answered_but_changes_nothing(
    half: int, command: int, data: bytes
) -> None:
    bmc = make_bmc()
    reply = answer(bmc, rmcp.frame_v15(request(half & ~1, command, data)))
    assert reply is not None
    assert bmc.powered
    assert bmc.users.get(2).password == b"p"


@given(suites, st.integers(0, 31), st.integers(0, 255), st.binary(max_size=24))
def test_any_command_of_an_administrator_is_answered(
    suite: CipherSuite, half: int, command: int, data: bytes
) -> None:
    bmc = make_bmc()
    console = Console(bmc, suite)
    assert answer(bmc, console.seal(request(2 * half, command, data))) is not None


@given(suites, st.integers(0, 500), st.integers(1, 255))
def test_one_changed_byte_in_a_session_is_never_answered(
    suite: CipherSuite, position: int, change: int
) -> None:
    bmc = make_bmc()
    datagram = bytearray(Console(bmc, suite).seal(request(0, 2, b"\0")))
    datagram[position % len(datagram)] ^= change
    assert answer(bmc, bytes(datagram)) is None
    assert bmc.powered


def test_a_replayed_datagram_is_not_answered() -> None:
    bmc = make_bmc()
    datagram = Console(bmc, SUITE_17).seal(request(0, 1))
    assert answer(bmc, datagram) is not None
    assert answer(bmc, datagram) is None


@pytest.mark.parametrize("kind", [0x00, 0x40, 0x80])
def test_a_command_that_is_not_both_encrypted_and_signed_is_not_answered(kind: int) -> None:
    bmc = make_bmc()
    console = Console(bmc, SUITE_3)
    payload = request(0, 2, b"\0")
    payload = console.keys.encrypt(payload) if kind & 0x80 else payload
    frame = rmcp.frame_v20(kind, console.session.id, 1, payload)
    frame += rmcp.integrity_trailer(frame)
    assert answer(bmc, frame + console.keys.authcode(frame[4:])) is None
    assert bmc.powered


def test_a_command_needs_its_privilege() -> None:
    bmc = make_bmc()
    console = Console(bmc, SUITE_3)
    console.session.privilege = Privilege.USER
    reply = answer(bmc, console.seal(request(0, 2, b"\0")))
    assert reply is not None
    assert console.keys.decrypt(rmcp.parse(reply).payload)[6] == 0xD4
    assert bmc.powered


@given(suites, st.binary(max_size=100))
def test_what_is_encrypted_decrypts_to_itself(suite: CipherSuite, plain: bytes) -> None:
    keys = SessionKeys.derive(suite, b"integrity key")
    assert keys.decrypt(keys.encrypt(plain)) == plain


@given(st.binary(max_size=100))
def test_what_was_not_encrypted_with_the_key_is_refused_or_differs(sealed: bytes) -> None:
    keys = SessionKeys.derive(SUITE_3, b"integrity key")
    try:
        plain = keys.decrypt(sealed)
    except BadPayloadError:
        return
    assert len(plain) < len(sealed)


@pytest.mark.parametrize("length", range(0, 40, 3))
def test_the_integrity_trailer_fills_up_to_four_bytes(length: int) -> None:
    frame = rmcp.frame_v20(0xC0, 1, 1, bytes(length))
    assert (len(frame + rmcp.integrity_trailer(frame)) - len(rmcp.RMCP_HEADER)) % 4 == 0


def test_a_payload_shorter_than_its_length_field_is_malformed() -> None:
    frame = rmcp.RMCP_HEADER + b"\x06" + struct.pack("<BIIH", 0x10, 0, 0, 9) + b"12345678"
    with pytest.raises(rmcp.MalformedPacketError, match="length"):
        rmcp.parse(frame)
