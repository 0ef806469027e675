"""Sizes, speeds, counts and dates as dmidecode prints them."""

import re
from datetime import date
from typing import Final

_POWERS: Final = {"bytes": 0, "kb": 1, "mb": 2, "gb": 3, "tb": 4, "pb": 5}
_SIZE = re.compile(r"(\d{1,12})(?:\.(\d{1,6}))? ?(bytes|[kmgtp]i?b)\b", re.ASCII | re.IGNORECASE)
_SPEED = re.compile(r"(\d{1,7}) ?(?:MT/s|MHz)\b", re.ASCII | re.IGNORECASE)
_HANDLE = re.compile(r"0x[0-9A-Fa-f]{1,4}")
_COUNT = re.compile(r"\d{1,5}", re.ASCII)

# SMBIOS 3.7 section 7.18.5: the extended size of a memory device has 31 bits and counts MiB.
MAX_DEVICE_BYTES: Final = 2**31 * 2**20


def parse_size(text: str) -> int | None:
    """Return the bytes in text such as `16384 MB`; None for what is not a size.

    dmidecode's units are powers of 1024 whatever their spelling (dmi_print_memory_size).
    """
    match = _SIZE.match(text)
    if match is None:
        return None
    whole, fraction, unit = match.groups()
    scale: int = 1024 ** _POWERS[unit.lower().replace("i", "")]
    size = int(whole) * scale
    if fraction:
        size += int(fraction) * scale // 10 ** len(fraction)
    return size


def parse_speed(text: str) -> int | None:
    """Return the number in `2400 MT/s` or the older `2400 MHz`; None for Unknown and for zero."""
    match = _SPEED.match(text)
    return (int(match[1]) or None) if match else None


def parse_count(text: str) -> int | None:
    """Return a count of up to five digits; zero stands for unknown (SMBIOS 3.7 section 7.5)."""
    return (int(text) or None) if _COUNT.fullmatch(text) else None


def parse_handle(text: str) -> int | None:
    """Return a structure's handle from text such as `0x0011`."""
    return int(text, 16) if _HANDLE.fullmatch(text) else None


# The IBM PC's BIOS is of 1981; what is dated before is a clock that was never set.
_FIRST_YEAR: Final = 1981

_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_AMERICAN = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?!\d)", re.ASCII)
_DIGITS_ONLY = re.compile(r"(\d{4})(\d\d)(\d\d)(?!\d)", re.ASCII)
_MONTH_FIRST = re.compile(r"([a-z]{3})[a-z]*\.? +(\d{1,2}),? +(\d{4})\b", re.ASCII | re.IGNORECASE)
_DAY_FIRST = re.compile(r"(\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d{4})\b", re.ASCII | re.IGNORECASE)


def parse_bios_date(text: str) -> date | None:
    """Return a firmware's release date, or None where it cannot be read.

    SMBIOS 3.7 section 7.1: mm/dd/yyyy or mm/dd/yy. Firmware also writes years first, month names
    (the compiler's `__DATE__`), and days first, which is believed where there is no such month.
    """
    if match := _AMERICAN.match(text):
        first, second, year = (int(part) for part in match.groups())
        year = _full_year(year) if len(match[3]) == 2 else year
        return _date(year, first, second) or _date(year, second, first)
    if match := _YEAR_FIRST.match(text) or _DIGITS_ONLY.match(text):
        return _date(*(int(part) for part in match.groups()))
    if match := _MONTH_FIRST.match(text):
        return _named_date(match[3], match[1], match[2])
    if match := _DAY_FIRST.match(text):
        return _named_date(match[3], match[2], match[1])
    return None


def _named_date(year: str, month: str, day: str) -> date | None:
    if month.lower() not in _MONTHS:
        return None
    return _date(int(year), _MONTHS.index(month.lower()) + 1, int(day))


def _full_year(year: int) -> int:
    # SMBIOS says 19yy, but firmware did not stop in 1999. Like Linux (dmi_get_date): the first
    # SMBIOS is of 1996, so that smaller numbers are of this century.
    return 1900 + year if year >= 96 else 2000 + year


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= _FIRST_YEAR else None
    except ValueError:
        return None
