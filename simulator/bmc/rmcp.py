"""RMCP and RMCP+ datagrams: the outer framing of IPMI over UDP (IPMI 2.0 section 13)."""

import struct
from dataclasses import dataclass

RMCP_HEADER = b"\x06\x00\xff\x07"  # version 1.0, no acknowledge, class IPMI: table 13-8
MAX_DATAGRAM = 1024  # IPMI messages fit in far less; anything longer is noise

AUTH_NONE = 0x00  # session header of IPMI 1.5, no authentication: table 13-8
AUTH_RMCP_PLUS = 0x06

PAYLOAD_IPMI = 0x00  # payload types: table 13-16
PAYLOAD_OPEN_SESSION_REQUEST = 0x10
PAYLOAD_OPEN_SESSION_RESPONSE = 0x11
PAYLOAD_RAKP1 = 0x12
PAYLOAD_RAKP2 = 0x13
PAYLOAD_RAKP3 = 0x14
PAYLOAD_RAKP4 = 0x15

ENCRYPTED = 0x80  # bits of the payload type byte: table 13-8
AUTHENTICATED = 0x40

_V15 = struct.Struct("<IIB")  # sequence, session id, payload length
_V20 = struct.Struct("<BIIH")  # payload type, session id, sequence, payload length


class MalformedPacketError(Exception):
    """A datagram that is not IPMI over RMCP, or is cut short."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One received datagram, taken apart but neither authenticated nor decrypted."""

    rmcp_plus: bool
    payload_type: int
    encrypted: bool
    authenticated: bool
    session_id: int
    sequence: int
    payload: bytes
    datagram: bytes


def parse(datagram: bytes) -> Packet:
    """Take a datagram apart; raises MalformedPacketError for anything that is not IPMI."""
    if len(datagram) > MAX_DATAGRAM or len(datagram) < 5 or datagram[:4] != RMCP_HEADER:
        raise MalformedPacketError("not an RMCP datagram of class IPMI")
    if datagram[4] == AUTH_NONE:
        return _parse_v15(datagram)
    if datagram[4] == AUTH_RMCP_PLUS:
        return _parse_v20(datagram)
    raise MalformedPacketError(f"authentication type {datagram[4]:#04x} is not offered")


def _parse_v15(datagram: bytes) -> Packet:
    if len(datagram) < 5 + _V15.size:
        raise MalformedPacketError("session header is cut short")
    sequence, session_id, length = _V15.unpack_from(datagram, 5)
    payload = _cut(datagram, 5 + _V15.size, length)
    return Packet(False, PAYLOAD_IPMI, False, False, session_id, sequence, payload, datagram)


def _parse_v20(datagram: bytes) -> Packet:
    if len(datagram) < 5 + _V20.size:
        raise MalformedPacketError("session header is cut short")
    kind, session_id, sequence, length = _V20.unpack_from(datagram, 5)
    payload = _cut(datagram, 5 + _V20.size, length)
    encrypted, authenticated = bool(kind & ENCRYPTED), bool(kind & AUTHENTICATED)
    return Packet(
        True, kind & 0x3F, encrypted, authenticated, session_id, sequence, payload, datagram
    )


def _cut(datagram: bytes, start: int, length: int) -> bytes:
    payload = datagram[start : start + length]
    if len(payload) != length:
        raise MalformedPacketError("payload is shorter than its length field")
    return payload


def frame_v15(payload: bytes) -> bytes:
    """A sessionless datagram with the session header of IPMI 1.5 (table 13-8)."""
    return RMCP_HEADER + bytes([AUTH_NONE]) + _V15.pack(0, 0, len(payload)) + payload


def frame_v20(kind: int, session_id: int, sequence: int, payload: bytes) -> bytes:
    """An RMCP+ datagram without its trailer; `kind` is the payload type with its flag bits."""
    header = _V20.pack(kind, session_id, sequence, len(payload))
    return RMCP_HEADER + bytes([AUTH_RMCP_PLUS]) + header + payload


def integrity_trailer(frame: bytes) -> bytes:
    """Pad, pad length and next header: what stands between payload and authcode (table 13-8)."""
    pad = -(len(frame) - len(RMCP_HEADER) + 2) % 4
    return b"\xff" * pad + bytes([pad, 0x07])
