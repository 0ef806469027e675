"""What a person should do about a step that failed, by the name of the step."""

STEPS: dict[str, str] = {
    "autorun": "See that the machine reaches Bearman over HTTP and that boot scripts are "
    "published (`bearman publish_scripts`).",
    "network": "Check the cable and the switch port, and that DHCP gives the machine an address.",
    "inventory": "Log in to the machine and run the program that failed by hand.",
    "register": "Read the reason; log in to the machine and run register.sh again.",
    "address": "See the zone's networks and IPman's pools in the Admin.",
    "bmc": "Check that the board has a BMC that answers on its own bus (`ipmitool mc info` on the "
    "machine), and that nothing else sets it.",
    "confirm": "Check the BMC's cable, its VLAN and the route from Bearman to its network.",
    "power_off": "Switch the machine off by hand, and see on its console what kept it up.",
}

ANY = "Log in to the machine, read the log in /run/bearman/log, and run register.sh again."


def for_step(step: str) -> str:
    """Return the advice for a step of the scripts; there is always one."""
    return STEPS.get(step, ANY)
