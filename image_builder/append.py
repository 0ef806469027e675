"""Kernel arguments of an image: what fits a command line and iPXE, and is not Bearman's own."""

import re

LIMIT = 1000  # characters, of the 2,047 that the kernel takes (COMMAND_LINE_SIZE on x86)
VISIBLE = re.compile(r"[ !-~]*")
BEARMANS_OWN = ("bearman.", "fetch=")


def fault(text: str) -> str:
    """What is wrong with them, as a clause; empty where nothing is. Bearman refuses the same."""
    if len(text) > LIMIT:
        return f"it has over {LIMIT} characters"
    if not VISIBLE.fullmatch(text) or "${" in text or "#" in text:
        return "it must be visible ASCII on one line, without `${` and `#`"
    for word in text.split():
        if word in {"||", "&&"}:
            return f"`{word}` would end a command of iPXE"
        if word.startswith(BEARMANS_OWN):
            return f"Bearman itself sets {word.partition('=')[0]}"
    return ""
