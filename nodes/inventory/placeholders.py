"""Strings that firmware vendors leave where a value should be."""

import re
from functools import lru_cache
from typing import Final

# All patterns but one are tried on the value in lower case with letters and digits only.
# Sources: the words that dmidecode itself prints for what is absent, the defaults in the firmware
# of American Megatrends, Insyde, Intel and Phoenix, EDK II's "Unspecified ...", and the serial
# numbers that GLPI and OCS Inventory refuse.
_SAYS_NOTHING = re.compile(
    r"""
      (?:un|non?|not)(?:assigned|available|applicable|defined?|filled|initiali[sz]ed|inserted
                      |installed|known|populated|present|programmed|provided|set|settable
                      |speci?fi?ed|specific|supported|used)
    | no(?:ne(?:provided)?|data|dimm|memory|module(?:installed)?|part|asset.*|enclosure
          |serial(?:number)?)
    | na | nil | null(?:string)? | unknow | unkonwn | unspecified.* | memundefined
    | (?:oem)?default(?:string|value)?0* | empty | blank | absent | invalid | dummy | reserved
    | truncated | badindex | outofspec | enterserial | iatpass | eval | abcd
    | tb[ad](?:byoem)? | tobe(?:fil|set|de|assigned).* | .*byo[ed]m
    | oem(?:default|define\d*|mb|specific|tofill|notspecif.*)?
    | s26361kx+vy+ | serialnumberx+
    """,
    re.VERBOSE,
)

# The value in lower case as it stands: "Part Number not set", "Please change product name",
# Insyde's "Type2 - Board Version".
_SENTENCE = re.compile(
    r".*\bnot (?:set|specified|available|defined|provided|filled)"
    r"|please (?:change|enter|fill|set)\b.*|type ?\d ?- .*"
)

# The names of fields, alone or with the name of what they belong to: "System Product Name",
# "SYSTEM_FAMILY", "Type1Sku0". Digits are taken out first.
_OWNERS: Final = (
    "smbios|type|system|sys|base|board|mother|main|chassis|enclosure|module|memory|oem|your"
    "|default|unknown|no"
)
_FIELDS: Final = (
    "manufacturer?|vendor|product|name|number|numb|num|serial|ser|sku|asset|tag|version|family"
    "|part|model|string|config|uuid|id"
)
_FIELD_NAME = re.compile(rf"(?:{_OWNERS})*+(?:{_FIELDS})(?:{_OWNERS}|{_FIELDS})*+")

# With a number behind it a single one is as likely a genuine name: "Model 30".
_SINGLE_FIELDS: Final = frozenset(_FIELDS.split("|"))

# A field of one memory slot: "A1_Manufacturer0", "Dimm1_PartNum_____", "CPU2_SerNum3".
_SLOT_FIELD = re.compile(
    r".*(?:manufacturer(?:name)?(?:string)?|(?:part|ser|serial)num(?:ber)?|assettag(?:num)?)\d*"
)

# "0123456789AB", "SN-12345", "MB-1234567890", "BSN12345678901234567".
_COUNTING = re.compile(
    r"""
    (?:base|board|chassis|system|serial|asset|tag|sys|[bc]?sn|bss|mb)*+
    (?:0?123456789.* | 0?12345(?:6(?:78?)?)? | 9876543210? | fedcba98.* | abcdefgh.*)
    """,
    re.VERBOSE,
)

# How often a character is repeated, and nothing else there, before it is no value: zeros at once,
# Fs as erased flash has them (in Latin-1 its bytes are "ÿ"), "xxx" and "x.x"; for others it could
# still be chance or taste ("8888").
_REPEATED_AT_LEAST: Final = {"0": 1, "f": 2, "ÿ": 2, "x": 2}
_REPEATED_OTHERS: Final = 6


@lru_cache(maxsize=4096)
def is_placeholder(value: str) -> bool:
    """Tell whether a cleaned string of any field stands for "the vendor put nothing here"."""
    lowered = value.lower()
    bare = "".join(character for character in lowered if character.isalnum())
    return (
        not bare
        or _repeats(bare)
        or _SAYS_NOTHING.fullmatch(bare) is not None
        or _COUNTING.fullmatch(bare) is not None
        or _SLOT_FIELD.fullmatch(bare) is not None
        or _SENTENCE.fullmatch(lowered) is not None
        or _names_a_field(bare)
    )


def is_unknown_choice(value: str) -> bool:
    """Tell whether a word from one of SMBIOS' tables says nothing; "Other" says something."""
    return value in ("", "Unknown", "Reserved", "None", "<OUT OF SPEC>", "<BAD INDEX>")


def _repeats(bare: str) -> bool:
    digits = bare.removeprefix("jedecid").removeprefix("0x") or "0"
    shortest = _REPEATED_AT_LEAST.get(digits[0], _REPEATED_OTHERS)
    return len(digits) >= shortest and len(set(digits)) == 1


def _names_a_field(bare: str) -> bool:
    letters = re.sub(r"\d", "", bare)
    if letters != bare and letters in _SINGLE_FIELDS:
        return False
    return _FIELD_NAME.fullmatch(letters) is not None
