"""Issues of a registration as a whole; no Django here."""

from bearman.lib.issues import bmc, boot
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
    "No word came from stage one for longer than BEARMAN_REGISTER_DEADLINE_SECONDS. It may hang, "
    "have lost its network, or have been switched off.",
    "Look at the machine's console; press its power button to register it again.",
)
PROGRAM_HANGS = Issue(
    "REG-003",
    "A program of the inventory hangs",
    Severity.ERROR,
    "A program that register.sh ran to take the inventory did not end within a minute. A disk or a "
    "controller that does not answer is the usual cause.",
    "Run the program by hand to see where it hangs, and look at the kernel's messages (dmesg).",
)
PROGRAM_PRINTS_TOO_MUCH = Issue(
    "REG-004",
    "A program of the inventory prints too much",
    Severity.ERROR,
    "A program that register.sh ran to take the inventory printed over a mebibyte.",
    "Run the program by hand to see what it repeats.",
)
PROGRAM_FAILED = Issue(
    "REG-005",
    "A program of the inventory fails",
    Severity.ERROR,
    "A program that register.sh ran to take the inventory is not there, or ended with an error.",
    "Log in to the machine and run the program by hand. Is it part of the stage-one image?",
)
INVENTORY_UNUSABLE = Issue(
    "REG-006",
    "The inventory cannot be read",
    Severity.ERROR,
    "What a program of the machine printed is not what that program prints: it is empty, cut, or "
    "of another kind.",
    "Log in to the machine, run the program that the reason names, and look at what it prints.",
)
INVENTORY_TOO_LARGE = Issue(
    "REG-007",
    "The inventory is too large",
    Severity.ERROR,
    "The outputs that the machine sent have more bytes in all than BEARMAN_INVENTORY_MAX_BYTES.",
    "See which output has grown and send it without its noise.",
)
FLAVOR_SHORTFALL = Issue(
    "REG-008",
    "The machine has less than its flavor demands",
    Severity.ERROR,
    "The inventory shows less memory, fewer cores, disks or interfaces than the flavor says that "
    "such a machine has. A part is missing, loose or broken, or the flavor is the wrong one.",
    "Mend the machine, or the flavor in the Admin, and register it again.",
)
STAYS_LIT = Issue(
    "REG-009",
    "The machine did not switch off after its registration",
    Severity.ERROR,
    "The machine is proven, and was to switch itself off; its BMC says that it still has power, or "
    "does not say that it is off.",
    "Switch the machine off by hand, and see on its console what kept it up.",
)
ENROLMENT_CLOSED = Issue(
    "REG-010",
    "Unknown machines may not enrol from this network",
    Severity.NOTE,
    "A machine that Bearman does not know asked what to boot, from a network in which enrolment is "
    "closed. It was given nothing.",
    "If it is one of yours, open an enrolment window for its network in the Admin and switch it on "
    "again.",
)
NOT_PROVEN = Issue(
    "REG-011",
    "The node must register again",
    Severity.WARNING,
    "The node was put back from maintenance, and Bearman has no proof that it can control it.",
    "Boot it from the network to register it.",
)
STATUS_FORBIDS = Issue(
    "REG-012",
    "The node's status does not let it register",
    Severity.ERROR,
    "A machine that is in use, in maintenance or retired ran register.sh. Nothing was changed.",
    "Take the node out of that status in the Admin first, then boot it from the network.",
)
PARTS_CHANGED = Issue(
    "REG-013",
    "Parts of the machine are not the ones it had",
    Severity.NOTE,
    "The machine registered again, and has interfaces or memory modules that it did not have the "
    "last time, or lacks some that it had.",
    "If nobody changed parts, look for one that is loose or broken.",
)
CHECK_LEFT_OUT = Issue(
    "REG-014",
    "A check of the registration was left out",
    Severity.ERROR,
    "The machine asked to be proven, and did not have its cables or its firmware compared in this "
    "boot, though a wiring plan, cables or firmware baselines are for it. Its boot scripts are "
    "older than these checks.",
    "Publish the current scripts (`bearman publish_scripts`), and boot the machine from the "
    "network again.",
)

# What fails in a step that does not say more, by the name of the step.
FOR_STEP: dict[str, Issue] = {
    "settings": boot.SETTINGS_UNUSABLE,
    "autorun": boot.SCRIPT_NOT_FETCHED,
    "network": boot.BEARMAN_UNREACHABLE,
    "inventory": PROGRAM_FAILED,
    "bmc": bmc.SETTINGS_REFUSED,
    "confirm": bmc.SILENT,
    "power_off": STAYS_LIT,
}


def for_step(step: str) -> Issue:
    """Return the entry for a step that failed without one of its own."""
    return FOR_STEP.get(step, STEP_FAILED)
