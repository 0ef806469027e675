"""IPMI's codes as errors that a person can act on."""

from typing import Any

from pyghmi.ipmi.private import constants
from pyghmi.ipmi.private.util import get_ipmi_error

from bearman.lib.issues import Issue, bmc
from nodes.bmc.errors import BmcAuthError, BmcError, BmcRefused

INSUFFICIENT_PRIVILEGE = 0xD4  # completion code: IPMI 2.0 table 5-2
COMMAND_ADVICE = {
    0xC0: "The BMC is busy; try again in a minute.",
    0xC1: "This BMC cannot do that; use its own web page instead.",
    0xD5: "The machine's present state does not allow that; read its power status first.",
}

# RMCP+ status codes about who is asking: IPMI 2.0 table 13-15.
WHO_CODES = {
    0x09: "does not know the role that was asked for",
    0x0A: "does not allow administrator privilege to this user",
    0x0C: "does not accept a user name of this length",
    0x0D: "does not know this user, or the user is disabled",
    0x0F: "does not accept the password",
}
NOT_ALLOWED_CODES = (0x09, 0x0A)
LOGIN_ISSUES: dict[int, Issue] = {0x01: bmc.SESSIONS_TAKEN, 0x11: bmc.NO_CIPHER}


def command_error(address: str, reply: dict[str, Any]) -> BmcError:
    """The error for a command that was answered with a completion code other than zero."""
    code = int(reply["code"])
    if code == INSUFFICIENT_PRIVILEGE:
        return BmcAuthError(address, "does not allow this user to do that", issue=bmc.NOT_ALLOWED)
    words = f"refused: {get_ipmi_error(reply)} (completion code {code:#04x})"
    return BmcRefused(address, words, code, advice=COMMAND_ADVICE.get(code, ""))


def login_error(address: str, step: str | None, status: int, words: str) -> BmcError:
    """The error for a login that ended at pyghmi's `step` with that RMCP+ status code."""
    if step == "FAILED":  # the code in RAKP message 2 was made with another password
        return BmcAuthError(address, "has another password for this user")
    if step == "ESTABLISHED":
        words = "does not grant this user administrator privilege"
        return BmcAuthError(address, words, issue=bmc.NOT_ALLOWED)
    if status in WHO_CODES:
        issue = bmc.NOT_ALLOWED if status in NOT_ALLOWED_CODES else None
        return BmcAuthError(address, WHO_CODES[status], issue=issue)
    if step == "EXPECTINGRAKP4" and not status:
        words = "wants a second key (K_G) for logging in"
        return BmcAuthError(address, words, issue=bmc.SECOND_KEY)
    words = f"refused the login: {constants.rmcp_codes.get(status, words)}"
    return BmcRefused(address, words, status, issue=LOGIN_ISSUES.get(status))
