"""User commands: names, passwords, access, payloads (IPMI 2.0 sections 22.26 to 22.31, 24)."""

import hmac

from simulator.bmc.commands.base import ADMINISTRATOR, USER, Command, require_lan_channel
from simulator.bmc.completion import Code, CommandError
from simulator.bmc.device import SimulatedBmc
from simulator.bmc.sessions import Session
from simulator.bmc.users import MAX_SLOTS, NAME_BYTES, Privilege, User

APP = 0x06
DISABLE, ENABLE, SET_PASSWORD, TEST_PASSWORD = range(4)  # operations: section 22.30
PAYLOAD_SIZES = {False: 16, True: 20}  # password bytes by the 20-byte flag: section 22.30


def _user(bmc: SimulatedBmc, byte: int) -> User:
    try:
        return bmc.users.get(byte & 0x3F)
    except ValueError as error:
        raise CommandError(Code.INVALID_FIELD) from error


def set_user_access(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 22.26: privilege limit, and with bit 7 the three access bits."""
    require_lan_channel(data[0])
    user = _user(bmc, data[1])
    try:
        user.privilege = Privilege(data[2] & 0x0F)
    except ValueError as error:
        raise CommandError(Code.INVALID_FIELD) from error
    if data[0] & 0x80:
        user.callback_only = bool(data[0] & 0x40)
        user.link_authentication = bool(data[0] & 0x20)
        user.ipmi_messaging = bool(data[0] & 0x10)
    return b""


def get_user_access(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 22.27: number of slots, of enabled users, and this user's access."""
    require_lan_channel(data[0])
    user = _user(bmc, data[1])
    enabled = sum(each.enabled for each in bmc.users)
    status = 0x40 if user.enabled else 0x80
    access = user.callback_only << 6 | user.link_authentication << 5 | user.ipmi_messaging << 4
    return bytes([MAX_SLOTS, status | enabled, 0, access | user.privilege])


def set_user_name(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 22.28: sixteen bytes of ASCII, padded with zeros."""
    try:
        _user(bmc, data[0]).rename(data[1 : 1 + NAME_BYTES].rstrip(b"\0").decode("ascii"))
    except ValueError as error:
        raise CommandError(Code.INVALID_FIELD) from error
    return b""


def get_user_name(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 22.29."""
    return _user(bmc, data[0]).name.encode().ljust(NAME_BYTES, b"\0")


def set_user_password(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 22.30: disable, enable, set or test the password of a user."""
    user, operation = _user(bmc, data[0]), data[1] & 0x03
    if operation in (DISABLE, ENABLE):
        user.enabled = operation == ENABLE
        return b""
    if len(data) != 2 + PAYLOAD_SIZES[bool(data[0] & 0x80)]:
        raise CommandError(Code.WRONG_LENGTH)
    password = data[2:]
    if operation == SET_PASSWORD:
        bmc.put_password(user.slot, password)
    elif not hmac.compare_digest(password.rstrip(b"\0"), user.password):
        raise CommandError(Code.PASSWORD_TEST_FAILED)
    return b""


def set_user_payload_access(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 24.6: switch standard payloads such as SOL on or off for a user."""
    require_lan_channel(data[0])
    user = _user(bmc, data[1])
    chosen = int.from_bytes(data[2:4], "little")
    disable = data[1] & 0xC0
    user.payloads = user.payloads & ~chosen if disable else user.payloads | chosen
    return b""


def get_user_payload_access(bmc: SimulatedBmc, _session: Session | None, data: bytes) -> bytes:
    """Section 24.7."""
    require_lan_channel(data[0])
    return _user(bmc, data[1]).payloads.to_bytes(2, "little") + bytes(2)


USER_COMMANDS = {
    (APP, 0x43): Command(ADMINISTRATOR, 3, set_user_access),
    (APP, 0x44): Command(USER, 2, get_user_access),
    (APP, 0x45): Command(ADMINISTRATOR, 17, set_user_name),
    (APP, 0x46): Command(USER, 1, get_user_name),
    (APP, 0x47): Command(ADMINISTRATOR, 2, set_user_password),
    (APP, 0x4C): Command(ADMINISTRATOR, 6, set_user_payload_access),
    (APP, 0x4D): Command(USER, 2, get_user_payload_access),
}
