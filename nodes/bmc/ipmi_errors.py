"""IPMI's codes as errors that a person can act on."""

from typing import Any

from pyghmi.ipmi.private import constants
from pyghmi.ipmi.private.util import get_ipmi_error

from nodes.bmc.errors import CHECK_BMC, BmcAuthError, BmcError, BmcRefused

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
LOGIN_ADVICE = {
    0x01: "All of the BMC's sessions are taken; they end by themselves in about a minute.",
    0x11: "Enable cipher suite 17 or 3 on the BMC; Bearman uses no weaker one.",
}


def command_error(address: str, reply: dict[str, Any]) -> BmcError:
    """The error for a command that was answered with a completion code other than zero."""
    code = int(reply["code"])
    if code == INSUFFICIENT_PRIVILEGE:
        return BmcAuthError(address, "does not allow this user to do that")
    words = f"refused: {get_ipmi_error(reply)} (completion code {code:#04x})"
    return BmcRefused(address, words, code, COMMAND_ADVICE.get(code, CHECK_BMC))


def login_error(address: str, step: str | None, status: int, words: str) -> BmcError:
    """The error for a login that ended at pyghmi's `step` with that RMCP+ status code."""
    if step == "FAILED":  # the code in RAKP message 2 was made with another password
        return BmcAuthError(address, "has another password for this user")
    if step == "ESTABLISHED":
        return BmcAuthError(address, "does not grant this user administrator privilege")
    if status in WHO_CODES:
        return BmcAuthError(address, WHO_CODES[status])
    if step == "EXPECTINGRAKP4" and not status:
        advice = "Clear the BMC's K_G key; Bearman logs in with user and password only."
        return BmcAuthError(address, "wants a second key (K_G) for logging in", advice)
    words = f"refused the login: {constants.rmcp_codes.get(status, words)}"
    return BmcRefused(address, words, status, LOGIN_ADVICE.get(status, CHECK_BMC))
