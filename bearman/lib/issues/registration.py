"""Issues of a registration as a whole; no Django here."""

from bearman.lib.issues.issue import Issue, Severity

TITLE = "Registration"

STEP_FAILED = Issue(
    "REG-001",
    "A step of the registration failed",
    Severity.ERROR,
    "A step of register.sh ended with an error that has no entry of its own.",
    "Log in to the machine, read the log in /run/bearman/log, and run register.sh again.",
)
NO_WORD = Issue(
    "REG-002",
    "The machine fell silent while it registered",
    Severity.ERROR,
    "No word came from stage one for longer than BEARMAN_REGISTER_DEADLINE_SECONDS.",
    "Look at the machine's console; press its power button to register it again.",
)
