"""Issues of cables, fibre and switch ports; no Django here."""

from bearman.lib.issues.issue import Issue, Severity

TITLE = "Wiring"

NO_CABLE = Issue(
    "WIRE-001",
    "No link: no cable",
    Severity.ERROR,
    "An interface that the plan names has no link, and nothing says that something is plugged in "
    "at the far end.",
    "Plug the cable in at both ends, or check that the switch port is switched on.",
)
WRONG_SWITCH = Issue(
    "WIRE-002",
    "Cable leads to the wrong switch",
    Severity.ERROR,
    "LLDP names another switch than the plan does.",
    "Move the far end of the cable to the switch and port that the plan names, or mend the plan.",
)
WRONG_PORT = Issue(
    "WIRE-003",
    "Cable is in the wrong port of the right switch",
    Severity.ERROR,
    "LLDP names the switch of the plan, but another port.",
    "Move the far end of the cable to the port that the plan names, or mend the plan.",
)
SWAPPED = Issue(
    "WIRE-004",
    "Cables of one machine are swapped",
    Severity.ERROR,
    "Interfaces of one machine sit in each other's switch ports.",
    "Swap these cables at one of their ends.",
)
SWAPPED_WITH_OTHER = Issue(
    "WIRE-005",
    "Cable is swapped with another machine's",
    Severity.ERROR,
    "This machine sits in the other's switch port, and the other was seen in this one's.",
    "Swap the two cables at the switches, then register both machines again.",
)
ONE_SWITCH = Issue(
    "WIRE-006",
    "Links that belong on different switches are on one",
    Severity.ERROR,
    "Links that must survive the loss of a switch lead to the same one.",
    "Move one of the cables to another switch.",
)
WRONG_VLAN = Issue(
    "WIRE-007",
    "Wrong native VLAN",
    Severity.ERROR,
    "The switch says by LLDP that untagged frames of this port are in another VLAN than planned.",
    "Set the port's native (access) VLAN on the switch, or mend the plan.",
)
WRONG_MTU = Issue(
    "WIRE-008",
    "The switch port's frames are too small",
    Severity.ERROR,
    "The largest frame that the switch port takes is smaller than the MTU that the plan demands.",
    "Raise the MTU of the port on the switch, or mend the plan.",
)
SLOW = Issue(
    "WIRE-009",
    "Link is slower than planned",
    Severity.ERROR,
    "The link came up at a lower speed than the plan demands.",
    "Look for a damaged or wrong cable or module, and at the speed that is set on the switch port.",
)
NO_LLDP = Issue(
    "WIRE-010",
    "The neighbour does not speak LLDP",
    Severity.ERROR,
    "The link is up, but nobody on its other end says who they are, so nothing can be compared.",
    "Switch LLDP on at the switch port. If it is on, look for a device in between, and for a "
    "network card whose firmware keeps LLDP frames to itself.",
)
LLDP_UNREADABLE = Issue(
    "WIRE-011",
    "What lldpcli said cannot be read",
    Severity.ERROR,
    "The output of lldpcli was empty, cut off or of another form, so no cable can be compared.",
    "Look whether lldpd runs in the stage-one image, then run register.sh --from wiring.",
)
NO_LIGHT = Issue(
    "WIRE-012",
    "Module sends light but sees none",
    Severity.ERROR,
    "The link is down. The module's laser is on, but no light comes in: the pair of fibres is "
    "reversed, the fibre is dead or not plugged in at the far end, or the far end's laser is off.",
    "Swap the two fibres of this pair, or check the far end.",
)
LIGHT_NO_LINK = Issue(
    "WIRE-013",
    "Light comes in, but there is no link",
    Severity.ERROR,
    "The module sends and sees light, so the fibre is good; the two ends do not agree.",
    "Compare speed, FEC and auto-negotiation of the two ends, and the kinds of their modules.",
)
LASER_OFF = Issue(
    "WIRE-014",
    "Module sends no light",
    Severity.ERROR,
    "The link is down, and the module says that its own laser is off or broken.",
    "Take the module out and put it back in; if that does not help, replace it.",
)
NO_MODULE = Issue(
    "WIRE-015",
    "No module in the socket",
    Severity.ERROR,
    "An interface that the plan names takes modules, and none is plugged in.",
    "Plug in a module or a direct-attach cable.",
)
WEAK_LIGHT = Issue(
    "WIRE-016",
    "Weak light",
    Severity.WARNING,
    "The link is up, but less light comes in than the module's own alarm threshold.",
    "Clean both ends of the fibre, and look for a sharp bend; then replace fibre or far module.",
)
TOO_WEAK = Issue(
    "WIRE-017",
    "Light is too weak for a link",
    Severity.ERROR,
    "The link is down, and less light comes in than the module's own alarm threshold.",
    "Clean both ends of the fibre, and look for a sharp bend; then replace fibre or far module.",
)
NO_INTERFACE = Issue(
    "WIRE-018",
    "The machine does not have this interface",
    Severity.ERROR,
    "The plan names an interface that the operating system does not show.",
    "Look whether the card is missing or dead, or mend the name in the plan.",
)
INTERFACE_OFF = Issue(
    "WIRE-019",
    "Interface is switched off",
    Severity.ERROR,
    "Stage one could not switch the interface on, so its link was not tried.",
    "Look at the machine's kernel log for the network card; its driver may have failed.",
)
WRONG_SOCKET = Issue(
    "WIRE-020",
    "Cable is in the wrong socket of the machine",
    Severity.ERROR,
    "The cable from the planned switch port is plugged into an interface that the plan does not "
    "name, and the planned interface has no link.",
    "Move this end of the cable to the interface that the plan names.",
)
TOO_FEW_LINKS = Issue(
    "WIRE-021",
    "Fewer links than planned",
    Severity.ERROR,
    "The plan demands a number of links, and fewer are up.",
    "Plug in the missing cables, or mend the plan.",
)
OTHER_PORT_NUMBER = Issue(
    "WIRE-022",
    "Links are in ports with different numbers",
    Severity.ERROR,
    "The plan demands that the links of a machine use the same port number on each switch.",
    "Move one of the cables to the port with the number of the other.",
)
UNSAID = Issue(
    "WIRE-023",
    "Part of the plan could not be checked",
    Severity.WARNING,
    "The plan demands a VLAN, an MTU, a speed or a port that neither switch nor driver tells.",
    "Let the switch send the LLDP fields port VLAN and maximum frame size, or drop the demand.",
)
NO_PLACE = Issue(
    "WIRE-024",
    "The machine's place is not known",
    Severity.WARNING,
    "The wiring plan depends on rack and unit, and the machine has none, so its cables were not "
    "all compared.",
    "Set rack and unit on the node's page, or import them with the expected machines, and run "
    "register.sh --from wiring.",
)
SEVERAL_NEIGHBOURS = Issue(
    "WIRE-025",
    "Several devices on one cable",
    Severity.WARNING,
    "More than one device speaks LLDP on an interface; something in between passes it on.",
    "Look for a small switch or a media converter between the machine and its switch.",
)
NOT_PLANNED = Issue(
    "WIRE-026",
    "A cable that the plan does not name",
    Severity.NOTE,
    "An interface has a link, and the plan says nothing about it.",
    "Add it to the plan, or unplug it.",
)
LINKS_UNREADABLE = Issue(
    "WIRE-027",
    "What `ip link` said cannot be read",
    Severity.ERROR,
    "The list of interfaces was empty, cut off or of another form, so no link can be trusted.",
    "Run `ip -json -details link` on the machine, then register.sh --from wiring.",
)
COPPER_DOWN = Issue(
    "WIRE-028",
    "A copper cable is plugged in, but there is no link",
    Severity.ERROR,
    "A direct-attach cable or a copper module is in the socket, and the far end gives no link.",
    "Plug the far end in. If it is, compare speed, FEC and auto-negotiation, and try another "
    "cable.",
)
