"""Issues of who a machine is; no Django here."""

from bearman.lib.issues.issue import Issue, Severity

TITLE = "Identity"

NO_UUID = Issue(
    "ID-001",
    "The machine has no UUID",
    Severity.ERROR,
    "The firmware gives no SMBIOS UUID, or all zeros or all Fs, which stand for none, so that "
    "Bearman cannot tell this machine from others for good. It is quarantined: it gets no address "
    "and no credential.",
    "Set a unique UUID with the vendor's tool and boot it again, or decide at the identity desk in "
    "the Admin who it is.",
)
KNOWN_BAD_UUID = Issue(
    "ID-002",
    "The UUID is one that many machines have",
    Severity.ERROR,
    "The firmware gives a UUID that a vendor left on whole batches of boards, such as "
    "03000200-0400-0500-0006-000700080009. The machine is quarantined: it gets no address and no "
    "credential.",
    "Set a unique UUID with the vendor's tool and boot it again, or decide at the identity desk in "
    "the Admin who it is.",
)
UUID_OF_ANOTHER = Issue(
    "ID-003",
    "The UUID belongs to another machine",
    Severity.ERROR,
    "A node with this UUID exists, and serials, interfaces or memory say that this is another "
    "machine. It is quarantined, and the node that has the UUID stays as it is.",
    "Compare the two at the identity desk in the Admin, and decide there: the same machine with "
    "other parts, or another one. Or set a unique UUID with the vendor's tool and boot it again.",
)
UUID_NOT_OF_TOKEN = Issue(
    "ID-004",
    "The machine booted under another UUID than its firmware tells",
    Severity.ERROR,
    "The boot token was given for one UUID, and dmidecode on the machine says another. Nothing was "
    "registered.",
    "Boot the machine from the network again.",
)
NOT_A_UUID = Issue(
    "ID-005",
    "What asked for a boot script has no UUID",
    Severity.ERROR,
    "A machine asked what to boot and called itself something that is no UUID.",
    "See that DHCP sends it to /ipxe/${uuid}, and set a UUID with the vendor's tool if the "
    "firmware has none.",
)
STRANGER_INTERFACE = Issue(
    "ID-006",
    "Another machine calls itself one that is in use",
    Severity.ERROR,
    "A machine asked what to boot with the UUID of a node in use, from an interface that this node "
    "does not have. It was given nothing.",
    "Set a unique UUID with the vendor's tool on the machine that asked.",
)
STRANGER_NETWORK = Issue(
    "ID-007",
    "A machine in use asks from a network of another zone",
    Severity.ERROR,
    "A machine asked what to boot with the UUID of a node in use, from an address in no network of "
    "this node's zone. It was given nothing.",
    "If the machine was moved, set the zone's networks or the node's zone in the Admin; if not, "
    "another machine has the same UUID.",
)
UUID_CHANGED = Issue(
    "ID-008",
    "The machine has another UUID than the node with its parts",
    Severity.ERROR,
    "Nobody has the UUID that the machine tells, but its board, interfaces or memory are those of "
    "a node with another UUID. A firmware update or a reset of the firmware's settings can do "
    "that. It is quarantined, and the node stays as it is.",
    "Compare the two at the identity desk in the Admin. If it is the same machine, merge it into "
    "that node; it keeps its address and its history.",
)
REJECTED = Issue(
    "ID-009",
    "A machine that an operator rejected came again",
    Severity.ERROR,
    "At the identity desk an operator rejected this machine, and it registers once more. It is "
    "quarantined again: it gets no address and no credential.",
    "Take the machine out of the rack, or decide otherwise at the identity desk in the Admin.",
)
WHICH_ONE = Issue(
    "ID-010",
    "Several machines have this UUID, and the one that asks does not say which it is",
    Severity.ERROR,
    "An operator gave a machine its own identity though another has its UUID. What such a machine "
    "boots is decided by the MAC address that it boots from, and the request had none, also when "
    "iPXE was told to ask again with it.",
    "Have DHCP send machines to /ipxe/${uuid}?mac=${netX/mac}, and use an iPXE that knows netX.",
)
DECIDED = Issue(
    "ID-011",
    "An operator decided who the machine is, and it must register anew",
    Severity.NOTE,
    "At the identity desk a quarantined machine was given its own identity, or was merged into a "
    "node that it turned out to be. The BMC must be proven anew before the node is free.",
    "Switch the machine off and on: it registers at its next boot from the network.",
)
