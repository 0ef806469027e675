"""Reads the cells of a line of the list of expected machines; no Django here."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from nodes.expected.entry import MAX_RACK, MAX_SERIAL, MAX_TEXT, MAX_UNIT
from nodes.expected.memory import parse_memory

_UNIT = re.compile(r"[Uu]?\s?([0-9]{1,3})\s?[Uu]?")
_MAC = re.compile(r"[0-9a-f]{12}")
_DATE = re.compile(r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})")
# What a spreadsheet makes of a long serial number that it takes for a number.
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)


def _text(limit: int) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if not cell.isprintable():
            raise ValueError(f"{cell[:40]!a} has characters that cannot be printed.")
        if len(cell) > limit:
            raise ValueError(f"{cell[:30]}… has {len(cell)} characters; at most {limit} are taken.")
        return cell

    return read


def _serial(cell: str) -> str:
    if _ROUNDED.fullmatch(cell):
        raise ValueError(
            f"{cell} is a number that a spreadsheet has rounded. Format the column as text and "
            "type the serial number again."
        )
    return _text(MAX_SERIAL)(cell)


def _unit(cell: str) -> int | None:
    found = _UNIT.fullmatch(cell)
    if cell and (found is None or not 1 <= int(found[1]) <= MAX_UNIT):
        raise ValueError(f"{cell[:40]!r} is no unit; units are counted from 1 to {MAX_UNIT}.")
    return int(found[1]) if found else None


def _mac(cell: str) -> str:
    digits = re.sub(r"[:.\-]", "", cell.lower())
    if cell and not _MAC.fullmatch(digits):
        raise ValueError(f"{cell[:40]!r} is no MAC address such as b0:26:28:12:34:56.")
    return ":".join(digits[n : n + 2] for n in range(0, len(digits), 2))


def _due(cell: str) -> date | None:
    if not cell:
        return None
    found = _DATE.fullmatch(cell)
    try:
        if found is None:
            raise ValueError
        return date(*map(int, found.groups()))
    except ValueError:
        raise ValueError(f"{cell[:40]!r} is no date such as 2026-12-31.") from None


READERS: dict[str, Callable[[str], Any]] = {
    "serial": _serial,
    "vendor": _text(MAX_TEXT),
    "model": _text(MAX_TEXT),
    "rack": _text(MAX_RACK),
    "unit": _unit,
    "flavor": _text(MAX_TEXT),
    "zone": _text(MAX_TEXT),
    "memory": lambda cell: parse_memory(cell) if cell else None,
    "mac": _mac,
    "asset_tag": _text(MAX_TEXT),
    "due": _due,
    "note": lambda cell: _text(MAX_TEXT)(" ".join(cell.split())),
}
