"""Issues of machines that are not what was ordered; no Django here."""

from bearman.lib.issues.issue import Issue, Severity

TITLE = "Expected machines"

WRONG_MODEL = Issue(
    "EXP-001",
    "Another model than expected",
    Severity.ERROR,
    "The machine has the serial number of an expected one, and its firmware names another vendor "
    "or product.",
    "Compare the machine with the order. If the list is wrong, mend it under Machines, Expected, "
    "and register the machine again.",
)
MEMORY_MISSING = Issue(
    "EXP-002",
    "Memory modules are missing",
    Severity.ERROR,
    "The firmware sees fewer memory modules than the list of expected machines says. A module is "
    "missing, not seated or broken.",
    "Reseat the module of the empty slot; if the slot stays empty, replace the module. Then "
    "register the machine again.",
)
MEMORY_OTHER = Issue(
    "EXP-003",
    "Memory modules of another size",
    Severity.ERROR,
    "Memory modules have another size than the list of expected machines says.",
    "Compare the modules with the order and swap those that are wrong, or mend the list.",
)
MEMORY_MORE = Issue(
    "EXP-004",
    "More memory modules than expected",
    Severity.WARNING,
    "The firmware sees more memory modules than the list of expected machines says.",
    "Compare the machine with the order. If it is right, mend the list.",
)
NOT_COMPARED = Issue(
    "EXP-005",
    "Part of what was expected could not be compared",
    Severity.WARNING,
    "The firmware of the machine does not say what the list of expected machines wants to know.",
    "Look at the machine itself, and at its raw inventory on the node's page.",
)
NOT_EXPECTED = Issue(
    "EXP-006",
    "Nobody expected this machine",
    Severity.NOTE,
    "There is a list of expected machines, and none of them has the serial number, the asset tag "
    "or a MAC address of this one.",
    "Add it under Machines, Expected if it belongs here, and set its place on the node's page.",
)
SERIAL_TWICE = Issue(
    "EXP-007",
    "The expected machine has arrived already, as another node",
    Severity.ERROR,
    "Two machines have the serial number of one expected machine. One of them has the wrong serial "
    "number in its firmware, or a machine is known twice.",
    "Compare the labels of the two machines. Set the right serial number with the vendor's tool, "
    "or retire the node that is gone; then register this machine again.",
)
WRONG_ZONE = Issue(
    "EXP-008",
    "The machine is in another zone than expected",
    Severity.ERROR,
    "The machine boots from a network of one availability zone, and is expected in another. Its "
    "addresses would come from the wrong pool.",
    "See whether it was put into the wrong rack, or its cable or the port's VLAN is the wrong one. "
    "If the list is wrong, mend it under Machines, Expected.",
)
OTHER_SERIAL = Issue(
    "EXP-009",
    "The machine has another serial number than expected",
    Severity.WARNING,
    "The machine was recognised by its asset tag or a MAC address, and its serial number is not "
    "the one in the list of expected machines.",
    "Compare the machine's label with the list, and mend the one that is wrong.",
)
PLACE_TAKEN = Issue(
    "EXP-010",
    "Another node is said to be in this place",
    Severity.WARNING,
    "The list of expected machines puts this machine where another node is said to stand.",
    "Look which of the two stands there, and set rack and unit of the other on its page.",
)
SET_OTHERWISE = Issue(
    "EXP-011",
    "The node was set otherwise than the list says",
    Severity.NOTE,
    "Place or flavor of the node differ from the list of expected machines. What is on the node "
    "stays.",
    "Mend the one that is wrong: the node on its page, or the list under Machines, Expected.",
)
NOT_ARRIVED = Issue(
    "EXP-012",
    "An expected machine has not shown up",
    Severity.WARNING,
    "The machine is on the list of expected machines and due, and has never registered.",
    "Look whether it stands in its place, has power and is cabled, and whether it shows under Seen "
    "machines; else ask where it is.",
)
