"""How long machines wait for Bearman, seen on the wire: `python -m tests.rack.meter`.

In the rack's namespace it prints a line `WHEN ADDRESS SECONDS` for each packet of an answer, until
it is killed. What passes on a connection between its packet before and one of Bearman's is a wait
for Bearman; what passes before one of the machine's is the machine's own.
"""

import socket
import struct
import time
from ipaddress import IPv4Address
from pathlib import Path
from typing import NamedTuple

from tests.rack.layout import BRIDGE, GRPC_PORT, WEB_PORT

ALL, IPV4 = 0x0003, b"\x08\x00"  # linux/if_ether.h; what goes out is shown to takers of all only
ETHERNET = 14  # bytes of its header
TCP = 6
PORTS = (WEB_PORT, GRPC_PORT)


class Packet(NamedTuple):
    """A TCP packet that carries something: the machine's end, and whether Bearman sent it."""

    address: str
    port: int
    is_answer: bool


def main() -> None:
    """Listen on the bridge."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
    wire.bind((BRIDGE, ALL))
    before: dict[tuple[str, int], float] = {}
    while True:
        frame, now = wire.recv(128), time.time()
        packet = read(frame)
        if packet is None:
            continue
        last = before.get(packet[:2], now)
        before[packet[:2]] = now
        if packet.is_answer:
            print(f"{now:.4f} {packet.address} {now - last:.4f}", flush=True)


def read(frame: bytes) -> Packet | None:
    """Return the packet in a frame, where it is one of Bearman's connections and not empty."""
    ip = frame[ETHERNET:]
    if frame[12:ETHERNET] != IPV4 or len(ip) < 40 or ip[9] != TCP:  # RFC 791 section 3.1
        return None
    header, total = (ip[0] & 0x0F) * 4, struct.unpack_from("!H", ip, 2)[0]
    source, target = struct.unpack_from("!HH", ip, header)
    offset = (ip[header + 12] >> 4) * 4  # RFC 9293 section 3.1
    if total <= header + offset or not {source, target} & set(PORTS):
        return None
    is_answer = source in PORTS
    end = ip[16:20] if is_answer else ip[12:16]
    return Packet(str(IPv4Address(end)), target if is_answer else source, is_answer)


def waited(log: Path, address: str, since: float) -> float:
    """Return for how many seconds a machine has waited for Bearman since a moment (Unix time)."""
    lines = (line.split() for line in log.read_text().splitlines())
    return sum(float(s) for when, who, s in lines if who == address and float(when) >= since)


if __name__ == "__main__":
    main()
