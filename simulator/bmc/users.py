"""User slots of a BMC (IPMI 2.0 sections 22.26 to 22.31)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

MAX_SLOTS = 10
NAME_BYTES = 16  # section 22.28
PASSWORD_BYTES = 20  # section 22.30: 20 bytes with IPMI 2.0, 16 before


class Privilege(IntEnum):
    """Privilege levels: table 22-3 and section 22.26."""

    CALLBACK = 1
    USER = 2
    OPERATOR = 3
    ADMINISTRATOR = 4
    OEM = 5
    NO_ACCESS = 15


@dataclass(slots=True)
class User:
    """One user slot; an empty name means that the slot is free."""

    slot: int
    name: str = ""
    password: bytes = field(default=b"", repr=False)
    enabled: bool = False
    privilege: Privilege = Privilege.NO_ACCESS
    callback_only: bool = False
    link_authentication: bool = False
    ipmi_messaging: bool = True
    payloads: int = 0x0002  # standard payload 1, SOL, enabled: table 24-9

    def may_log_in(self, wanted: int) -> bool:
        """Whether a session at that privilege level may be opened by this user."""
        limit = self.privilege
        return self.enabled and self.ipmi_messaging and wanted <= limit != Privilege.NO_ACCESS

    def rename(self, name: str) -> None:
        """Give the slot a name of at most 16 ASCII bytes; raises ValueError."""
        if len(name) > NAME_BYTES or not name.isascii() or "\0" in name:
            raise ValueError(f"user name {name!r} is not at most {NAME_BYTES} ASCII characters")
        self.name = name

    def set_password(self, password: bytes) -> None:
        """Set the password, at most 20 bytes; raises ValueError without repeating it."""
        if len(password) > PASSWORD_BYTES:
            raise ValueError(f"password is longer than {PASSWORD_BYTES} bytes")
        self.password = password.rstrip(b"\0")


class UserTable:
    """The user slots 1 to 10 of one BMC."""

    def __init__(self) -> None:
        self._slots = {slot: User(slot) for slot in range(1, MAX_SLOTS + 1)}

    def __iter__(self) -> Iterator[User]:
        return iter(self._slots.values())

    def get(self, slot: int) -> User:
        """The user of a slot; raises ValueError when there is no such slot."""
        if slot not in self._slots:
            raise ValueError(f"user slot {slot} is not between 1 and {MAX_SLOTS}")
        return self._slots[slot]

    def named(self, name: str) -> User | None:
        """The first enabled user of that name, else the first of that name."""
        found = [user for user in self._slots.values() if user.name == name and name]
        return next((user for user in found if user.enabled), found[0] if found else None)
