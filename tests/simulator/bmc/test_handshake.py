"""Opening a session with a simulated BMC, message by message."""

import struct

import pytest

from simulator.bmc import Privilege, SimulatedBmc, rmcp
from simulator.bmc.handshake import Status
from simulator.bmc.rakp import SUITE_3, SUITE_17, CipherSuite, Exchange
from simulator.bmc.server import answer

CONSOLE_ID, CONSOLE_RANDOM, NAME, PASSWORD = 0xA1A2A3A4, b"console's random", b"ops", b"secret"
ROLE = 0x10 | Privilege.ADMINISTRATOR  # look up by name alone: IPMI 2.0 table 13-11


class Login:
    """The console's side of a login, one step at a time."""

    def __init__(self, suite: CipherSuite) -> None:
        self.bmc = SimulatedBmc("b")
        name, password = NAME.decode(), PASSWORD.decode()
        admin = Privilege.ADMINISTRATOR
        self.bmc.set_user(2, name=name, password=password, enabled=True, privilege=admin)
        self.suite = suite

    def send(self, kind: int, payload: bytes) -> bytes | None:
        reply = answer(self.bmc, rmcp.frame_v20(kind, 0, 0, payload))
        return None if reply is None else rmcp.parse(reply).payload

    def open(self) -> bytes:
        numbers = (self.suite.authentication, self.suite.integrity, self.suite.confidentiality)
        payload = struct.pack("<BBxxI", 1, 0, CONSOLE_ID) + b"".join(
            struct.pack("<BxxBBxxx", kind, 8, number) for kind, number in enumerate(numbers)
        )
        reply = self.send(rmcp.PAYLOAD_OPEN_SESSION_REQUEST, payload)
        assert reply is not None
        if reply[1] == Status.OK:
            self.session_id: int = struct.unpack_from("<I", reply, 8)[0]
        return reply

    def rakp1(self, name: bytes = NAME, length: int | None = None) -> bytes:
        payload = struct.pack("<BxxxI", 2, self.session_id) + CONSOLE_RANDOM
        payload += bytes([ROLE, 0, 0, len(name) if length is None else length]) + name
        reply = self.send(rmcp.PAYLOAD_RAKP1, payload)
        assert reply is not None
        if reply[1] == Status.OK:
            ids = (CONSOLE_ID, self.session_id)
            randoms = (CONSOLE_RANDOM, reply[8:24])
            self.exchange = Exchange(self.suite, *ids, *randoms, reply[24:40], ROLE, name)
        return reply

    def rakp3(self, code: bytes, status: int = 0) -> bytes | None:
        payload = struct.pack("<BBxxI", 3, status, self.session_id) + code
        return self.send(rmcp.PAYLOAD_RAKP3, payload)


@pytest.fixture(params=[SUITE_3, SUITE_17], ids=["suite 3", "suite 17"])
def login(request: pytest.FixtureRequest) -> Login:
    suite: CipherSuite = request.param
    made = Login(suite)
    made.open()
    return made


def test_the_right_password_opens_a_session_and_the_bmc_proves_that_it_knows_it_too(
    login: Login,
) -> None:
    assert login.rakp1()[40:] == login.exchange.rakp2_code(PASSWORD)
    reply = login.rakp3(login.exchange.rakp3_code(PASSWORD))
    key = login.exchange.session_integrity_key(PASSWORD)
    assert reply is not None
    assert reply[1] == Status.OK
    assert reply[8:] == login.exchange.rakp4_code(key)
    session = login.bmc.sessions.get(login.session_id)
    assert session is not None
    assert session.keys is not None


@pytest.mark.parametrize("code", [b"", b"\0" * 20, b"\0" * 32])
def test_a_wrong_code_in_message_3_ends_the_session(login: Login, code: bytes) -> None:
    login.rakp1()
    reply = login.rakp3(code)
    assert reply is not None
    assert reply[1] == Status.INVALID_INTEGRITY_CHECK
    assert len(login.bmc.sessions) == 0


def test_repeated_messages_get_the_same_answers(login: Login) -> None:
    first = login.rakp1()
    assert login.rakp1() == first
    code = login.exchange.rakp3_code(PASSWORD)
    assert login.rakp3(code) == login.rakp3(code)


def test_a_wrong_message_3_does_not_end_a_session_that_is_active(login: Login) -> None:
    login.rakp1()
    login.rakp3(login.exchange.rakp3_code(PASSWORD))
    reply = login.rakp3(b"\0" * 20)
    assert reply is not None
    assert reply[1] == Status.INVALID_INTEGRITY_CHECK
    assert login.rakp3(b"", status=Status.INVALID_INTEGRITY_CHECK) is None
    assert len(login.bmc.sessions) == 1


def test_a_console_that_does_not_like_message_2_ends_the_session(login: Login) -> None:
    login.rakp1()
    assert login.rakp3(b"", status=Status.INVALID_INTEGRITY_CHECK) is None
    assert len(login.bmc.sessions) == 0


def test_message_3_before_message_1_is_refused(login: Login) -> None:
    reply = login.rakp3(b"\0" * 20)
    assert reply is not None
    assert reply[1] == Status.INVALID_SESSION


@pytest.mark.parametrize(
    ("name", "length", "status"),
    [
        (b"nobody", None, Status.UNAUTHORIZED_NAME),
        (b"", None, Status.UNAUTHORIZED_NAME),
        (b"x" * 17, None, Status.INVALID_NAME_LENGTH),
        (NAME, 9, Status.INVALID_NAME_LENGTH),
        (b"\xff\xfe", None, Status.UNAUTHORIZED_NAME),
    ],
)
def test_a_name_that_cannot_log_in_is_refused_with_its_reason(
    login: Login, name: bytes, length: int | None, status: Status
) -> None:
    assert login.rakp1(name, length)[1] == status
    assert len(login.bmc.sessions) == 0


def test_message_1_for_an_unknown_session_is_refused(login: Login) -> None:
    login.bmc.sessions.clear()
    assert login.rakp1()[1] == Status.INVALID_SESSION


def test_a_cipher_suite_that_is_not_offered_is_refused() -> None:
    weak = CipherSuite(2, 1, 1, 0, "sha1", 12)  # no encryption
    assert Login(weak).open()[1] == Status.NO_CIPHER_SUITE_MATCH
