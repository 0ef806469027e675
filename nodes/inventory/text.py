"""Text of unknown encoding from a node, made safe to keep."""

import codecs
from typing import Final

# What the database keeps of a string. SMBIOS 3.7 section 6.1.3 sets no limit on one, but asks
# firmware to stay within 64 characters; the longest seen in the field are under 200.
MAX_STRING: Final = 256

# How many bytes decide whether text without a byte order mark is UTF-16.
_SAMPLE = 200


def decode(data: bytes) -> str:
    """Return `data` as text: UTF-16 or UTF-8 where they fit, else Latin-1, which always fits."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    sample = data[:_SAMPLE]
    if sample[1::2].count(0) * 4 > len(sample):
        return data.decode("utf-16-le", errors="replace")
    if sample[0::2].count(0) * 4 > len(sample):
        return data.decode("utf-16-be", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def clean(value: str) -> str:
    """Return `value` without control characters and outer blanks, cut to `MAX_STRING`."""
    value = value[: 4 * MAX_STRING]
    if not value.isprintable():
        value = "".join(_printable(character) for character in value)
    return value.strip()[:MAX_STRING].rstrip()


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else ""
