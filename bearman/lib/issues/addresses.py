"""Issues of addresses from IPman; no Django here."""

from bearman.lib.issues.issue import Issue, Severity

TITLE = "Addresses"

NO_ZONE = Issue(
    "ADDR-001",
    "No availability zone covers the machine",
    Severity.ERROR,
    "The machine's address is in no network of any availability zone, so that Bearman does not "
    "know from which pool to take its addresses.",
    "Add that network to a zone in the Admin, or give the node a zone, and try again.",
)
NO_POOL = Issue(
    "ADDR-002",
    "There is no pool for the address",
    Severity.ERROR,
    "No enabled pool in IPman has the zone, the purpose and the address family that were asked "
    "for.",
    "Add one in the Admin under Addresses, Pools.",
)
POOL_EXHAUSTED = Issue(
    "ADDR-003",
    "A pool has no address left",
    Severity.ERROR,
    "All addresses of the pools that fit are in use or rest after their last use.",
    "Release what nobody needs, or widen a pool or add one in the Admin under Addresses, Pools.",
)
IPMAN_AWAY = Issue(
    "ADDR-004",
    "IPman does not answer",
    Severity.ERROR,
    "The IPman at BEARMAN_IPMAN_TARGET gave no answer, so that no address could be given or given "
    "back.",
    "Check BEARMAN_IPMAN_TARGET and BEARMAN_IPMAN_CA, and that IPman runs.",
)
IPMAN_REFUSES = Issue(
    "ADDR-005",
    "IPman refuses Bearman's token",
    Severity.ERROR,
    "The IPman at BEARMAN_IPMAN_TARGET answered that Bearman's token is unknown, or that its user "
    "lacks a permission.",
    "Set BEARMAN_IPMAN_TOKEN to the token of a user with the permissions ipman.allocate_address "
    "and ipman.release_address.",
)
POOL_NEARLY_FULL = Issue(
    "ADDR-006",
    "A pool is nearly full",
    Severity.WARNING,
    "So many of a pool's addresses are in use or rest that it is over its alert threshold.",
    "Release what nobody needs, or widen the pool or add one in the Admin under Addresses, Pools.",
)
