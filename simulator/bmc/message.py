"""IPMI LAN messages: request and response inside a payload (IPMI 2.0 section 13.8)."""

from dataclasses import dataclass

BMC_ADDRESS = 0x20


class MalformedMessageError(Exception):
    """A payload that is not an IPMI request to this BMC."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands on the wire; `netfn` is even (section 5.1)."""

    netfn: int
    lun: int
    requester: int
    requester_lun: int
    sequence: int
    command: int
    data: bytes


def checksum(data: bytes) -> int:
    """Two's complement checksum: the covered bytes and it sum to zero (section 13.8)."""
    return -sum(data) & 0xFF


def parse_request(payload: bytes) -> Request:
    """Read a request; raises MalformedMessageError on a bad checksum, address or length."""
    if len(payload) < 7:
        raise MalformedMessageError("shorter than an IPMI message")
    if checksum(payload[:3]) or checksum(payload[3:]):
        raise MalformedMessageError("checksum does not match")
    if payload[0] != BMC_ADDRESS or (payload[1] >> 2) & 1:
        raise MalformedMessageError("not a request to this BMC")
    return Request(
        netfn=payload[1] >> 2,
        lun=payload[1] & 3,
        requester=payload[3],
        requester_lun=payload[4] & 3,
        sequence=payload[4] >> 2,
        command=payload[5],
        data=payload[6:-1],
    )


def response(request: Request, completion_code: int, data: bytes = b"") -> bytes:
    """The response message to a request, with both checksums."""
    head = bytes([request.requester, (request.netfn | 1) << 2 | request.requester_lun])
    body = bytes([BMC_ADDRESS, request.sequence << 2 | request.lun, request.command])
    body += bytes([completion_code]) + data
    return head + bytes([checksum(head)]) + body + bytes([checksum(body)])
