"""A VLAN interface made of two taps, for kernels without IEEE 802.1Q: `python -m tests.rack.trunk`.

Frames of the VLAN that the bridge sends to the tap `trunk` come out of the tap `service` without
their tag, and the other way round. It runs until it is killed.
"""

import fcntl
import os
import select
import struct
import sys

TRUNK, SERVICE_TAP = "trunk", "service"
TUNSETIFF = 0x400454CA  # linux/if_tun.h
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
TAG = b"\x81\x00"  # IEEE 802.1Q
ADDRESSES = 12  # bytes of a frame before its type or tag
LARGEST = 65536


def main() -> None:
    """Pass frames on; the VLAN is the first argument."""
    tag = TAG + struct.pack("!H", int(sys.argv[1]))
    trunk, service = open_tap(TRUNK), open_tap(SERVICE_TAP)
    while True:
        for ready in select.select([trunk, service], [], [])[0]:
            frame = os.read(ready, LARGEST)
            if ready == service:
                os.write(trunk, tagged(frame, tag))
            elif is_tagged(frame, tag):
                os.write(service, untagged(frame))


def open_tap(name: str) -> int:
    """Take hold of a tap that is there."""
    file = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return file


def is_tagged(frame: bytes, tag: bytes) -> bool:
    """Whether a frame is of the VLAN, whatever its priority."""
    if frame[ADDRESSES : ADDRESSES + 2] != TAG:
        return False
    number: int = struct.unpack_from("!H", frame, ADDRESSES + 2)[0] & 0x0FFF
    wanted: int = struct.unpack_from("!H", tag, 2)[0]
    return number == wanted


def tagged(frame: bytes, tag: bytes) -> bytes:
    """Return a frame with a tag."""
    return frame[:ADDRESSES] + tag + frame[ADDRESSES:]


def untagged(frame: bytes) -> bytes:
    """Return a frame without its tag."""
    return frame[:ADDRESSES] + frame[ADDRESSES + 4 :]


if __name__ == "__main__":
    main()
