"""Writes dmidecode's text for a test, one structure at a time."""

TITLES = {
    0: "BIOS Information",
    1: "System Information",
    2: "Base Board Information",
    3: "Chassis Information",
    4: "Processor Information",
    6: "Memory Module Information",
    7: "Cache Information",
    16: "Physical Memory Array",
    17: "Memory Device",
    19: "Memory Array Mapped Address",
}


def structure(kind: int, handle: int, lines: dict[str, str]) -> str:
    """Return one structure as `dmidecode` prints it, with the blank line after it."""
    body = "".join(f"\t{key}: {value}\n" for key, value in lines.items())
    return f"Handle 0x{handle:04X}, DMI type {kind}, 40 bytes\n{TITLES[kind]}\n{body}\n"


def system(**lines: str) -> str:
    """Return a System Information; an underscore in a name stands for a blank."""
    return structure(1, 1, {key.replace("_", " "): value for key, value in lines.items()})


def device(number: int, **lines: str) -> str:
    """Return a Memory Device of 16 GB, except for what `lines` says otherwise."""
    given = {"Array Handle": "0x1000", "Size": "16 GB", "Locator": f"DIMM {number}"}
    given |= {key.replace("_", " "): value for key, value in lines.items()}
    return structure(17, 0x1100 + number, given)


def processor(number: int, **lines: str) -> str:
    """Return a populated processor, except for what `lines` says otherwise."""
    given = {"Socket Designation": f"CPU{number}", "Type": "Central Processor"}
    given |= {"Version": "AMD EPYC 7302P", "Status": "Populated, Enabled"}
    given |= {key.replace("_", " "): value for key, value in lines.items()}
    return structure(4, 0x0400 + number, given)
