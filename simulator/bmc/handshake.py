"""Opening a session: Open Session and RAKP messages 1 to 4 (IPMI 2.0 sections 13.17 to 13.24)."""

import hmac
import struct
from enum import IntEnum

from simulator.bmc.device import SimulatedBmc
from simulator.bmc.rakp import CipherSuite, Exchange, SessionKeys
from simulator.bmc.sessions import Session
from simulator.bmc.users import Privilege

_ALGORITHMS = 8  # start of the three algorithm payloads, 8 bytes each: table 13-9


class Status(IntEnum):
    """RMCP+ status codes that this BMC answers with: table 13-15."""

    OK = 0x00
    NO_RESOURCES = 0x01
    INVALID_SESSION = 0x02
    UNAUTHORIZED_ROLE = 0x0A
    INVALID_NAME_LENGTH = 0x0C
    UNAUTHORIZED_NAME = 0x0D
    INVALID_INTEGRITY_CHECK = 0x0F
    NO_CIPHER_SUITE_MATCH = 0x11


def open_session(bmc: SimulatedBmc, payload: bytes) -> bytes | None:
    """Answer an Open Session Request (tables 13-9 and 13-10); None for a malformed one."""
    if len(payload) < _ALGORITHMS + 24:
        return None
    tag, console_id = payload[0], struct.unpack_from("<I", payload, 4)[0]
    suite = _chosen_suite(bmc, payload)
    if suite is None:
        return _reply_head(tag, Status.NO_CIPHER_SUITE_MATCH, console_id)
    session = bmc.sessions.open(console_id, suite)
    if session is None:
        return _reply_head(tag, Status.NO_RESOURCES, console_id)
    head = struct.pack("<BBBxII", tag, Status.OK, Privilege.ADMINISTRATOR, console_id, session.id)
    numbers = (suite.authentication, suite.integrity, suite.confidentiality)
    return head + b"".join(
        struct.pack("<BxxBBxxx", kind, 8, number) for kind, number in enumerate(numbers)
    )


def _chosen_suite(bmc: SimulatedBmc, payload: bytes) -> CipherSuite | None:
    algorithms = [payload[_ALGORITHMS + 8 * i : _ALGORITHMS + 8 * i + 8] for i in range(3)]
    if all(algorithm[3] == 0 for algorithm in algorithms):  # zero length: the BMC may choose
        return bmc.suites[0]
    wanted = tuple(algorithm[4] & 0x3F for algorithm in algorithms)
    for suite in bmc.suites:
        if wanted == (suite.authentication, suite.integrity, suite.confidentiality):
            return suite
    return None


def _reply_head(tag: int, status: Status, console_id: int) -> bytes:
    return struct.pack("<BBxxI", tag, status, console_id)


def rakp1(bmc: SimulatedBmc, payload: bytes) -> bytes | None:
    """Answer RAKP message 1 with message 2 (tables 13-11 and 13-12); again if it is repeated."""
    if len(payload) < 28:
        return None
    tag, role, name = payload[0], payload[24], payload[28 : 28 + payload[27]]
    session = bmc.sessions.get(struct.unpack_from("<I", payload, 4)[0])
    if session is None or session.keys is not None:
        return _reply_head(tag, Status.INVALID_SESSION, 0)
    status = _authorise(bmc, session, role & 0x0F, name, payload[27])
    if status != Status.OK:
        bmc.sessions.close(session.id)
        return _reply_head(tag, status, session.console_id)
    exchange = Exchange(
        session.suite,
        session.console_id,
        session.id,
        payload[8:24],
        session.random,
        bmc.guid.bytes[::-1],
        role,
        name,
    )
    session.exchange = exchange
    head = _reply_head(tag, Status.OK, session.console_id) + exchange.bmc_random + exchange.guid
    return head + exchange.rakp2_code(session.password)


def _authorise(
    bmc: SimulatedBmc, session: Session, wanted: int, name: bytes, length: int
) -> Status:
    if length != len(name) or length > 16:
        return Status.INVALID_NAME_LENGTH
    user = bmc.users.named(name.decode("ascii", "replace"))
    if user is None or not user.enabled:
        return Status.UNAUTHORIZED_NAME
    if not user.may_log_in(wanted):
        return Status.UNAUTHORIZED_ROLE
    session.password = user.password
    session.max_privilege = wanted or user.privilege
    return Status.OK


def rakp3(bmc: SimulatedBmc, payload: bytes) -> bytes | None:
    """Answer RAKP message 3 with message 4 and activate the session (tables 13-13, 13-14).

    A console that missed message 4 repeats message 3 and gets the same answer.
    """
    if len(payload) < 8:
        return None
    tag, status, number = payload[0], payload[1], struct.unpack_from("<I", payload, 4)[0]
    session = bmc.sessions.get(number)
    if session is None or session.exchange is None:
        return _reply_head(tag, Status.INVALID_SESSION, 0)
    code = session.exchange.rakp3_code(session.password)
    if status == Status.OK and hmac.compare_digest(payload[8:], code):
        head = _reply_head(tag, Status.OK, session.console_id)
        return head + session.exchange.rakp4_code(_activate(bmc, session, session.exchange))
    if session.keys is None:  # whoever repeats it wrongly cannot end an active session
        bmc.sessions.close(number)
    if status != Status.OK:  # the console did not like message 2
        return None
    return _reply_head(tag, Status.INVALID_INTEGRITY_CHECK, session.console_id)


def _activate(bmc: SimulatedBmc, session: Session, exchange: Exchange) -> bytes:
    integrity_key = exchange.session_integrity_key(session.password)
    if session.keys is None:
        session.keys = SessionKeys.derive(session.suite, integrity_key)
        session.privilege = Privilege.USER  # section 22.18: sessions start at User level
        bmc.sessions.touch(session)
    return integrity_key
