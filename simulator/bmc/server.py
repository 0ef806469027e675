"""From a datagram to the datagram that answers it."""

import hmac

from simulator.bmc import handshake, rmcp
from simulator.bmc.commands import execute
from simulator.bmc.completion import Code, CommandError
from simulator.bmc.device import SimulatedBmc
from simulator.bmc.message import MalformedMessageError, parse_request, response
from simulator.bmc.rakp import BadPayloadError, SessionKeys
from simulator.bmc.rmcp import MalformedPacketError, Packet
from simulator.bmc.sessions import Session

_HANDSHAKE = {
    rmcp.PAYLOAD_OPEN_SESSION_REQUEST: (handshake.open_session, rmcp.PAYLOAD_OPEN_SESSION_RESPONSE),
    rmcp.PAYLOAD_RAKP1: (handshake.rakp1, rmcp.PAYLOAD_RAKP2),
    rmcp.PAYLOAD_RAKP3: (handshake.rakp3, rmcp.PAYLOAD_RAKP4),
}


def answer(bmc: SimulatedBmc, datagram: bytes) -> bytes | None:
    """The answer to a datagram; None for whatever is malformed or not authentic."""
    try:
        packet = rmcp.parse(datagram)
        if packet.session_id:
            return _answer_in_session(bmc, packet)
        if packet.payload_type in _HANDSHAKE:
            return _answer_handshake(bmc, packet)
        return _answer_sessionless(bmc, packet)
    except (MalformedPacketError, MalformedMessageError, BadPayloadError):
        return None


def _answer_handshake(bmc: SimulatedBmc, packet: Packet) -> bytes | None:
    step, payload_type = _HANDSHAKE[packet.payload_type]
    reply = step(bmc, packet.payload)
    return None if reply is None else rmcp.frame_v20(payload_type, 0, 0, reply)


def _answer_sessionless(bmc: SimulatedBmc, packet: Packet) -> bytes | None:
    if packet.payload_type != rmcp.PAYLOAD_IPMI:
        return None
    reply = _reply(bmc, None, packet.payload)
    if packet.rmcp_plus:
        return rmcp.frame_v20(rmcp.PAYLOAD_IPMI, 0, 0, reply)
    return rmcp.frame_v15(reply)


def _answer_in_session(bmc: SimulatedBmc, packet: Packet) -> bytes | None:
    session = bmc.sessions.get(packet.session_id)
    if session is None or session.keys is None or not _is_authentic(session.keys, packet):
        return None
    if packet.payload_type != rmcp.PAYLOAD_IPMI or not session.accepts(packet.sequence):
        return None
    bmc.sessions.touch(session)
    reply = _reply(bmc, session, session.keys.decrypt(packet.payload))
    return _seal(session, session.keys, reply)


def _is_authentic(keys: SessionKeys, packet: Packet) -> bool:
    if not (packet.rmcp_plus and packet.encrypted and packet.authenticated):
        return False
    length = keys.suite.integrity_length
    covered, authcode = packet.datagram[4:-length], packet.datagram[-length:]
    return hmac.compare_digest(keys.authcode(covered), authcode)


def _seal(session: Session, keys: SessionKeys, reply: bytes) -> bytes:
    kind = rmcp.PAYLOAD_IPMI | rmcp.ENCRYPTED | rmcp.AUTHENTICATED
    frame = rmcp.frame_v20(kind, session.console_id, session.next_sequence(), keys.encrypt(reply))
    frame += rmcp.integrity_trailer(frame)
    return frame + keys.authcode(frame[len(rmcp.RMCP_HEADER) :])


def _reply(bmc: SimulatedBmc, session: Session | None, payload: bytes) -> bytes:
    request = parse_request(payload)
    try:
        return response(request, Code.OK, execute(bmc, session, request))
    except CommandError as error:
        return response(request, error.code)
