"""Application commands: identity, channels and sessions (IPMI 2.0 sections 20 and 22)."""

from simulator.bmc.commands.base import (
    ADMINISTRATOR,
    ANYONE,
    CHANNEL,
    USER,
    Command,
    require_lan_channel,
)
from simulator.bmc.completion import Code, CommandError
from simulator.bmc.device import SimulatedBmc
from simulator.bmc.sessions import Session
from simulator.bmc.users import Privilege

APP = 0x06
CIPHER_SUITE_CHUNK = 16  # bytes of cipher suite records in one answer: section 22.15


def get_device_id(bmc: SimulatedBmc, _session: Session | None, _data: bytes) -> bytes:
    """Get Device ID, section 20.1."""
    return bmc.device_id.encode()


def get_system_guid(bmc: SimulatedBmc, _session: Session | None, _data: bytes) -> bytes:
    """Get System GUID, section 22.14; least significant byte first (section 20.8)."""
    return bmc.guid.bytes[::-1]


def get_channel_auth_capabilities(
    _bmc: SimulatedBmc, _session: Session | None, data: bytes
) -> bytes:
    """Section 22.13: RMCP+ only, named users only, no two-key login."""
    require_lan_channel(data[0])
    if not data[0] & 0x80:  # the console asks for IPMI 1.5 only
        return bytes([CHANNEL, 0, 0x04, 0, 0, 0, 0, 0])
    return bytes([CHANNEL, 0x80, 0x04, 0x02, 0, 0, 0, 0])


def get_channel_cipher_suites(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 22.15: records of the offered suites, sixteen bytes at a time."""
    require_lan_channel(data[0])
    records = b"".join(suite.record() for suite in bmc.suites)
    start = (data[2] & 0x3F) * CIPHER_SUITE_CHUNK
    return bytes([CHANNEL]) + records[start : start + CIPHER_SUITE_CHUNK]


def get_channel_access(_bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 22.23: always available, up to administrator, alerts and 1.5 logins off."""
    require_lan_channel(data[0])
    return bytes([0x3A, ADMINISTRATOR])


def set_channel_access(_bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 22.22: acknowledged; the channel stays available to administrators."""
    require_lan_channel(data[0])
    return b""


def get_channel_info(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 22.24: an 802.3 LAN with IPMB protocol and many sessions."""
    require_lan_channel(data[0])
    medium, protocol, multi_session = 4, 1, 0x80
    ipmi_forum = b"\xf2\x1b\x00"
    sessions = multi_session | min(len(bmc.sessions), 0x3F)
    return bytes([CHANNEL, medium, protocol, sessions]) + ipmi_forum + bytes(2)


def set_session_privilege(_bmc: SimulatedBmc, session: Session | None, data: bytes) -> bytes:
    """Section 22.18: raise or lower the session's privilege within its limit."""
    if session is None:
        raise CommandError(Code.INSUFFICIENT_PRIVILEGE)
    wanted = data[0] & 0x0F
    if wanted > session.max_privilege:
        raise CommandError(Code.PRIVILEGE_EXCEEDS_LIMIT)
    if wanted == Privilege.CALLBACK:
        raise CommandError(Code.INVALID_FIELD)
    session.privilege = wanted or session.privilege
    return bytes([session.privilege])


def close_session(bmc: SimulatedBmc, session: Session | None, data: bytes) -> bytes:
    """Section 22.19: one's own session, or any as an administrator."""
    number = int.from_bytes(data[:4], "little")
    if session is None or (number != session.id and session.privilege < ADMINISTRATOR):
        raise CommandError(Code.INSUFFICIENT_PRIVILEGE)
    if not bmc.sessions.close(number):
        raise CommandError(Code.UNKNOWN_SESSION)
    return b""


APP_COMMANDS = {
    (APP, 0x01): Command(USER, 0, get_device_id),
    (APP, 0x37): Command(ANYONE, 0, get_system_guid),
    (APP, 0x38): Command(ANYONE, 2, get_channel_auth_capabilities),
    (APP, 0x3B): Command(USER, 1, set_session_privilege),
    (APP, 0x3C): Command(USER, 4, close_session),
    (APP, 0x40): Command(ADMINISTRATOR, 3, set_channel_access),
    (APP, 0x41): Command(USER, 2, get_channel_access),
    (APP, 0x42): Command(USER, 1, get_channel_info),
    (APP, 0x54): Command(ANYONE, 3, get_channel_cipher_suites),
}
