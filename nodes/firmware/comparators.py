"""The forms in which vendors write versions, as data."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from nodes.firmware.versions import Version, compare, version_of

MAX_VERSION: Final = 256  # characters, as of any string of an inventory
_D = r"\d{1,9}"
_DATE = r"(?P<month>\d{2})/(?P<day>\d{2})/(?P<year>\d{4})"


@dataclass(frozen=True, slots=True)
class Comparator:
    """One form: its patterns (the first that matches counts), and examples for people.

    `ordered` is false where only equal and unequal can be told. `dated` says that the date of the
    BIOS belongs to the version ("also"), or is it ("only").
    """

    title: str
    examples: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    ordered: bool = True
    dated: str = ""

    def parse(self, text: str) -> Version | None:
        """Return the version in comparable form; None for text of another form."""
        text = text.strip()[:MAX_VERSION]
        matches = (pattern.fullmatch(text) for pattern in self.patterns)
        match = next((found for found in matches if found), None)
        return version_of(match) if match else None

    def compare(self, one: str, other: str) -> int | None:
        """Return -1, 0 or 1; None where the two have no order, or one is of another form."""
        left, right = self.parse(one), self.parse(other)
        return None if left is None or right is None else compare(left, right)

    def text(self, version: str, released: date | None) -> str:
        """Return a version as this form writes it, with or from its date where that belongs."""
        if self.dated == "only" and released:
            return f"{released:%m/%d/%Y}"
        if self.dated == "also" and released and version and "/" not in version:
            return f"{version} ({released:%m/%d/%Y})"
        return version


def _form(title: str, examples: tuple[str, ...], *patterns: str, **more: object) -> Comparator:
    compiled = tuple(re.compile(pattern, re.IGNORECASE | re.ASCII) for pattern in patterns)
    return Comparator(title, examples, compiled, **more)  # type: ignore[arg-type]


# Sources: what dmidecode, `ethtool -i`, `ipmitool mc info` and lsblk print on machines of these
# vendors, and the vendors' release notes. Where a vendor's scheme tells no order, there is none.
COMPARATORS: Final[dict[str, Comparator]] = {
    "dotted": _form(
        "numbers with dots",
        ("1.2.3", "v2.10"),
        rf"v?(?P<numbers>{_D}(?:\.{_D}){{0,7}})",
    ),
    # Up to 2013 Dell counted A00, A01, ...; then three numbers.
    "dell": _form(
        "Dell BIOS",
        ("2.10.2", "A12"),
        rf"(?P<numbers>{_D}\.{_D}\.{_D})",
        r"(?P<series>A)(?P<numbers>\d{2})",
    ),
    # dmidecode of Gen9 and Gen10 has the family alone as version, and the release date beside it.
    "hpe": _form(
        "HPE BIOS: family and date",
        ("U30 v2.54 (05/14/2021)", "P89 (10/21/2019)"),
        rf"(?P<series>[A-Z]\d{{2,3}})(?: v\d{{1,3}}\.\d{{1,3}}[a-z]?)? \(?{_DATE}\)?",
        dated="also",
    ),
    "supermicro": _form(
        "Supermicro BIOS",
        ("3.4", "3.4a"),
        r"(?P<numbers>\d{1,3}\.\d{1,3})(?P<letter>[a-z]?)",
    ),
    # The build before the dash has no known order; it tells two builds of one version apart.
    "lenovo": _form(
        "Lenovo build and version",
        ("IVE164G-3.11", "-[D8E138G-1.11]-"),
        rf"(?:-\[)?(?P<series>[A-Z0-9]{{3}})(?P<rest>[A-Z0-9]{{2,6}})-(?P<numbers>{_D}\.{_D})(?:\]-)?",
    ),
    "date": _form(
        "the date of the release (AMI and others)",
        ("05/14/2021", "2021-05-14"),
        _DATE,
        r"(?P<year>\d{4})-?(?P<month>\d{2})-?(?P<day>\d{2})",
        dated="only",
    ),
    # The first number is the generation of the adapter, the PSID in brackets its make.
    "mellanox": _form(
        "NVIDIA and Mellanox adapters",
        ("22.31.1014 (MT_0000000359)", "16.35.2000"),
        rf"(?P<series>\d{{1,2}})\.(?P<numbers>{_D}\.{_D})(?: \([A-Z0-9_]{{1,20}}\))?",
    ),
    "broadcom": _form(
        "Broadcom adapters: package or firmware",
        ("214.4.42.1/pkg 21.65.33.33", "pkg 21.65.33.33"),
        rf"(?:[0-9.]{{1,40}} ?/ ?)?(?P<series>pkg) (?P<numbers>{_D}(?:\.{_D}){{1,4}})",
        rf"(?P<numbers>{_D}(?:\.{_D}){{2,4}})",
    ),
    "tg3": _form(
        "Broadcom tg3: chip and boot code",
        ("5719-v1.46 NCSI v1.5.18.0", "FFV21.81.3 bc 5720-v1.39"),
        rf"(?:FFV[0-9.]{{1,20}} bc )?(?P<series>\d{{4}}[a-z]?)-v(?P<numbers>{_D}\.{_D})(?: .*)?",
    ),
    # The hexadecimal EETRACK names an image of the NVM; it grows with nothing. So where there is
    # nothing but it, only equal and unequal can be told.
    "intel_nvm": _form(
        "Intel NVM, or EETRACK",
        ("8.50 0x8000b6c7 1.3082.0", "8.50", "0x800003e2, 1.2198.0"),
        r"(?P<numbers>\d{1,3}\.\d{1,3})(?:,? 0x[0-9a-f]{4,8})?(?:,? \d{1,5}\.\d{1,5}\.\d{1,5})?",
        r"(?P<series>0x)(?P<rest>[0-9a-f]{4,8})(?:,? \d{1,5}\.\d{1,5}\.\d{1,5})?",
    ),
    # IPMI 2.0 section 20.1: the minor revision is BCD, which not every BMC heeds.
    "bmc": _form(
        "BMC, without its auxiliary bytes",
        ("4.22", "4.22 aux 19.00.00.00"),
        r"(?P<numbers>\d{1,3})\.(?P<hex>[0-9a-f]{1,2})(?: aux [0-9a-f.]{1,20})?",
    ),
    "bmc_aux": _form(
        "BMC with its auxiliary bytes, which only tell equal from unequal",
        ("4.22 aux 19.00.00.00",),
        r"(?P<numbers>\d{1,3})\.(?P<hex>[0-9a-f]{1,2})"
        r" aux (?P<rest>[0-9a-f]{2}(?:\.[0-9a-f]{2}){0,3})",
    ),
    "exact": _form(
        "any text: only equal and unequal (disks)",
        ("EDA5702Q", "HPG4"),
        r"(?P<rest>.{1,256})",
        ordered=False,
    ),
}
