"""Issues of BMCs and of power; no Django here."""

from bearman.lib.issues.issue import Issue, Severity

TITLE = "BMC and power"

SILENT = Issue(
    "BMC-001",
    "The BMC does not answer over the network",
    Severity.ERROR,
    "Bearman asked the BMC at its address and heard nothing within the time limits.",
    "Check the BMC's address, netmask, gateway, cable and VLAN, and that no firewall keeps "
    "Bearman's UDP datagrams from it; then try again.",
)
WRONG_PASSWORD = Issue(
    "BMC-002",
    "The BMC does not accept the user or the password",
    Severity.ERROR,
    "The BMC answers, and refuses the login with the credential that Bearman has for it. The login "
    "is not repeated, since BMCs lock accounts.",
    "Set the user and the password on the BMC again: boot the machine to stage one, or use "
    "ipmitool on it.",
)
NOT_ALLOWED = Issue(
    "BMC-003",
    "The BMC does not let Bearman's user do that",
    Severity.ERROR,
    "The BMC accepts user and password, but does not grant that user administrator privilege.",
    "Give the user administrator privilege on the BMC's LAN channel: boot the machine to stage "
    "one, or use ipmitool on it.",
)
REFUSES = Issue(
    "BMC-004",
    "The BMC refuses a command",
    Severity.ERROR,
    "The BMC understood and said no; the reason has its completion code.",
    "Look at the BMC's own log or web page; a cold reset of the BMC often helps.",
)
NONSENSE = Issue(
    "BMC-005",
    "The BMC's answer makes no sense",
    Severity.ERROR,
    "What came back is not IPMI, or not the answer to what was asked. Something else may have the "
    "BMC's address.",
    "See what answers at that address; a cold reset of the BMC often helps.",
)
NO_BMC = Issue(
    "BMC-006",
    "No BMC answers on the machine's own bus",
    Severity.ERROR,
    "ipmitool on the machine finds no BMC, or none with the LAN channel that Bearman uses.",
    "Switch the BMC on in the firmware setup, see that /dev/ipmi0 exists, and try again.",
)
SETTINGS_REFUSED = Issue(
    "BMC-007",
    "The BMC did not take its settings",
    Severity.ERROR,
    "register.sh set address, user and password on the BMC three times, and the BMC still shows "
    "others. Some BMCs need a reset for it; some are locked by their firmware setup or set by "
    "something else.",
    "Cold-reset the BMC (ipmitool mc reset cold), wait two minutes, and try again.",
)
USER_NAME_TAKEN = Issue(
    "BMC-008",
    "Another user of the BMC has the name that Bearman wants",
    Severity.ERROR,
    "A name can be in one slot of the BMC's user list only, and the account in the other slot is "
    "not Bearman's to take away.",
    "Disable and rename that user with ipmitool if nobody needs it, or choose another name with "
    "BEARMAN_BMC_USERNAME.",
)
STAYS_OFF = Issue(
    "BMC-009",
    "The BMC accepts to switch on, and the machine stays off",
    Severity.ERROR,
    "The BMC said yes to the command, and its power status still reads off.",
    "Look at the machine: power supplies, power button lock, the BMC's own log.",
)
STAYS_ON = Issue(
    "BMC-010",
    "The BMC accepts to cut the power, and the machine stays on",
    Severity.ERROR,
    "The BMC said yes to the command, and its power status still reads on.",
    "Cut the power by hand, and cold-reset the BMC.",
)
ASKED_LESS = Issue(
    "BMC-011",
    "A BMC that fails again and again is asked less often",
    Severity.WARNING,
    "Several operations in a row found the BMC silent or were refused the login. In the background "
    "Bearman asks it for its power less and less often, down to once an hour; what a person asks "
    "for is always tried.",
    "Check the BMC's cable, VLAN and credential; on the node's page its failures can be forgotten.",
)
NO_CREDENTIAL = Issue(
    "BMC-012",
    "The node has no BMC that Bearman can use",
    Severity.ERROR,
    "The node's BMC has no address and credential that were proven to work, or there is none.",
    "Let the machine register first.",
)
NO_CIPHER = Issue(
    "BMC-013",
    "The BMC offers no safe way to log in",
    Severity.ERROR,
    "The BMC speaks only IPMI 1.5, or offers none of the cipher suites 17 and 3. Bearman uses no "
    "weaker one.",
    "Enable cipher suite 17 or 3 on the BMC, or update its firmware.",
)
SESSIONS_TAKEN = Issue(
    "BMC-014",
    "All sessions of the BMC are taken",
    Severity.ERROR,
    "The BMC answers, and has no room for another login.",
    "End other programs that are logged in to it; sessions end by themselves in about a minute.",
)
NO_WORKER = Issue(
    "BMC-015",
    "No worker carried out a power action in time",
    Severity.ERROR,
    "What was asked of the machine's power waited for too long, or its worker was stopped in the "
    "middle. It is not carried out any more.",
    "See that a worker runs (`bearman worker`), read the power status, and ask again.",
)
CHANGED_UNDERWAY = Issue(
    "BMC-016",
    "A power action was not carried out, since things had changed",
    Severity.ERROR,
    "Between the question and its turn the node came into use or lost its BMC, or there was "
    "nothing to do: a machine without power cannot be cycled.",
    "Look at the node and read its power status; ask again if it is still needed.",
)
SECOND_KEY = Issue(
    "BMC-017",
    "The BMC wants a second key for logging in",
    Severity.ERROR,
    "The BMC has a K_G key set, which every login needs beside user and password. Bearman has "
    "none.",
    "Clear the BMC's K_G key; Bearman logs in with user and password only.",
)
