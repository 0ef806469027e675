"""Real dumps, each checked against a second, simpler reading of the same text."""

import os
import re
from datetime import date
from pathlib import Path
from statistics import median
from time import process_time

import pytest

from nodes.inventory import parse_dmidecode
from nodes.inventory.placeholders import is_placeholder

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(
    os.environ.get("BEARMAN_DMIDECODE_DUMPS", ROOT.parent / "shared" / "data" / "dmidecode")
)
DUMPS = sorted(FOLDER.glob("*.txt"))

pytestmark = pytest.mark.skipif(
    not DUMPS, reason=f"no dumps in {FOLDER}; BEARMAN_DMIDECODE_DUMPS names their folder"
)

UNITS = {"kB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}


def blocks(text: str, title: str) -> list[str]:
    """Return the structures with this title, cut by blank lines alone."""
    return [b for b in re.split(r"\n\n+", text) if re.search(rf"^{title}\s*$", b, re.MULTILINE)]


def line(block: str, key: str) -> str:
    """Return a line's value by a regular expression; dmidecode indents it with one tab."""
    match = re.search(rf"^\t{key}:(.*)$", block, re.MULTILINE)
    return match[1].strip() if match else ""


def text_of(dump: Path) -> str:
    return dump.read_bytes().decode("latin-1")


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_memory_agrees_with_a_second_count(dump: Path) -> None:
    sizes = [
        int(match[1]) * UNITS[match[2]]
        for block in blocks(text_of(dump), "Memory Device")
        if line(block, "Type") != "Flash"
        and (match := re.fullmatch(r"(\d+) ([kMGT]B)", line(block, "Size")))
    ]
    found = parse_dmidecode(dump.read_bytes())
    assert [dimm.size_bytes for dimm in found.dimms] == sizes
    assert found.memory_bytes == (sum(sizes) or None)


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_processors_agree_with_a_second_count(dump: Path) -> None:
    sockets = blocks(text_of(dump), "Processor Information")
    filled = [block for block in sockets if line(block, "Status").startswith("Populated")]
    found = parse_dmidecode(dump.read_bytes())
    assert found.cpu_sockets_populated == (len(filled) if sockets else None)
    for key, total in (("Core Count", found.cpu_cores), ("Thread Count", found.cpu_threads)):
        assert total == (sum(int(line(block, key) or 0) for block in filled) or None)


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_strings_are_as_printed_or_placeholders(dump: Path) -> None:
    text, found = text_of(dump), parse_dmidecode(dump.read_bytes()).as_dict()
    system = (blocks(text, "System Information") or [""])[0]
    firmware = (blocks(text, "BIOS Information") or [""])[0]
    for key, block, name in (
        ("vendor", system, "Manufacturer"),
        ("product_name", system, "Product Name"),
        ("sku", system, "SKU Number"),
        ("bios_vendor", firmware, "Vendor"),
        ("bios_version", firmware, "Version"),
    ):
        printed = line(block, name)
        assert found[key] == (None if is_placeholder(printed) else printed)


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_dates_in_the_specified_form_agree_with_a_second_reading(dump: Path) -> None:
    form = r"^\tRelease Date: (0\d|1[0-2])/(\d\d)/(\d{4})$"
    printed = re.search(form, text_of(dump), re.MULTILINE)
    if printed:
        month, day, year = (int(part) for part in printed.groups())
        assert parse_dmidecode(dump.read_bytes()).bios_date == date(year, month, day)


def test_a_dump_takes_under_3_ms_in_the_median() -> None:
    seconds = []
    for dump in DUMPS:
        data = dump.read_bytes()
        start = process_time()
        parse_dmidecode(data)
        seconds.append(process_time() - start)
    assert median(seconds) < 0.003


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_each_slot_is_either_filled_or_empty(dump: Path) -> None:
    slots = [b for b in blocks(text_of(dump), "Memory Device") if line(b, "Type") != "Flash"]
    empty = [b for b in slots if line(b, "Size") in ("No Module Installed", "0 MB", "0 GB")]
    found = parse_dmidecode(dump.read_bytes())
    assert len(found.empty_slots) >= len(empty) > -1
    assert len(found.empty_slots) + len(found.dimms) == len(slots)
