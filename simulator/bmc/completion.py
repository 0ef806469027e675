"""Completion codes (IPMI 2.0 table 5-2) and how a command handler answers with one."""

from enum import IntEnum


class Code(IntEnum):
    """Generic codes, and those of single commands that this BMC uses."""

    OK = 0x00
    PASSWORD_TEST_FAILED = 0x80  # Set User Password: section 22.30
    PARAMETER_UNSUPPORTED = 0x80  # LAN and boot options: sections 23.1 and 28.12
    PRIVILEGE_EXCEEDS_LIMIT = 0x81  # Set Session Privilege Level: section 22.18
    PARAMETER_READ_ONLY = 0x82  # LAN and boot options: sections 23.1 and 28.12
    UNKNOWN_SESSION = 0x87  # Close Session: section 22.19
    INVALID_COMMAND = 0xC1
    WRONG_LENGTH = 0xC7
    INVALID_FIELD = 0xCC
    INSUFFICIENT_PRIVILEGE = 0xD4
    NOT_IN_PRESENT_STATE = 0xD5


class CommandError(Exception):
    """A command that is answered with a completion code other than OK."""

    def __init__(self, code: Code) -> None:
        super().__init__(f"completion code {int(code):#04x}")
        self.code = code
