"""The list as a file: every way that a spreadsheet writes it, and every fault by its line."""

import csv
from datetime import date
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bearman.lib.spreadsheet import csv_lines, guarded, unguarded
from nodes.expected.csv_read import MAX_LINES, MAX_PROBLEMS, csv_read
from nodes.expected.csv_text import MAX_BYTES
from nodes.expected.entry import Entry
from nodes.expected.memory import MemoryPlan

TEXT = """serial,vendor,model,rack,unit,flavor,zone,memory,mac,asset_tag,due,note
8XK2T13,Dell,PowerEdge R650,R12,4,compute-1u,az1,16x32,B0-26-28-12-34-56,A-1,2026-12-01,"1st, here"
"""
ENTRY = Entry(
    serial="8XK2T13",
    vendor="Dell",
    model="PowerEdge R650",
    rack="R12",
    unit=4,
    flavor="compute-1u",
    zone="az1",
    memory=MemoryPlan(16, 32),
    mac="b0:26:28:12:34:56",
    asset_tag="A-1",
    due=date(2026, 12, 1),
    note="1st, here",
)


def told(data: bytes | str) -> list[str]:
    """The faults of a file."""
    return [str(p) for p in csv_read(data.encode() if isinstance(data, str) else data).problems]


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("1st, here", "1st# here").replace(",", ";").replace("#", ",").encode(),
        TEXT.replace("1st, here", "1st# here").replace(",", "\t").replace("#", ",").encode(),
        ("sep=,\n" + TEXT).encode(),
        ("\n\n" + TEXT + "\n , ,\n").encode(),
        TEXT.replace("serial,", "Serial Number,").replace("zone", "Availability Zone").encode(),
        TEXT.replace("16x32", "16 \u00d7 32 GiB").replace(",4,", ",U4,").encode(),
    ],
    ids=["plain", "BOM", "UTF-16", "CRLF", "CR", ";", "tab", "sep=", "blanks", "names", "forms"],
)
def test_what_spreadsheets_write_is_read(data: bytes) -> None:
    reading = csv_read(data)
    assert reading.problems == []
    assert list(reading.entries.values()) == [ENTRY]


def test_only_the_columns_that_the_file_has_are_said() -> None:
    reading = csv_read(b"rack,serial\nR1,abc\n")
    assert reading.columns == {"rack", "serial"}
    assert list(reading.entries.values()) == [Entry(serial="abc", rack="R1")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("abc,x", "Line 2: unit: 'x' is no unit; units are counted from 1 to 99."),
        ("abc,0", "Line 2: unit: '0' is no unit; units are counted from 1 to 99."),
        ("abc,100", "Line 2: unit: '100' is no unit; units are counted from 1 to 99."),
        (",4", "Line 2: It has no serial number."),
        ("abc,4", "Line 2: Unit 4 needs a rack."),
        ("abc,,R1,,16y32", "Line 2: memory: '16y32' is no memory such as 16x32"),
        ("abc,,R1,,0x32", "Line 2: memory: '0x32' is no memory such as 16x32"),
        ("abc,,R1,b0:26,", "Line 2: mac: 'b0:26' is no MAC address such as b0:26:28:12:34:56."),
        ("abc,,R1,,,2026-02-30", "Line 2: due: '2026-02-30' is no date such as 2026-12-31."),
        ("abc,,R1,,,1.12.2026", "Line 2: due: '1.12.2026' is no date such as 2026-12-31."),
        ("1.23E+12", "Line 2: serial: 1.23E+12 is a number that a spreadsheet has rounded."),
        ("a\x07bc", "Line 2: serial: 'a\\x07bc' has characters that cannot be printed."),
        ("x" * 101, "has 101 characters; at most 100 are taken."),
        ("abc,,,,,,more", "Line 2: It has 7 cells; the first line has 6."),
    ],
)
def test_each_fault_is_told_by_its_line(line: str, words: str) -> None:
    assert words in told(f"serial,unit,rack,mac,memory,due\n{line}\n")[0]


def test_all_faults_of_a_file_are_told_at_once_and_lines_are_counted_over_quotes() -> None:
    found = told('serial,unit,rack,note\na,x,R1,"two\nlines"\nb,1,R1,\nc,y,R1,\n')
    assert [words.split(":")[0] for words in found] == ["Line 2", "Line 5"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty. Its first line must name the columns: serial, vendor,"),
        (b"\n\n", "The file is empty."),
        (b"rack,unit\nR1,4\n", "The first line must name the column serial"),
        (b"serial,rak\nabc,R1\n", "There is no column 'rak'. Is rack meant?"),
        (b"serial,serial\na,b\n", "The column serial is there twice."),
        (b"serial\nabc\n\xff\xfe\n", "Line 3: It is not in UTF-8. Save the file as CSV in UTF-8."),
        (b"serial\nab\0c\n", "Line 2: A NUL is in it; is it CSV?"),
        (b'serial\n"abc\n', "Line 2: The line cannot be read"),
        (b'serial\na"b"c\n"x"y\n', "Line 3: The line cannot be read"),
        (b"x" * (MAX_BYTES + 1), "The file has 2,097,153 bytes; at most 2,097,152 are taken."),
        (b"\xff\xfe\x00", "It is not in UTF-8"),
        (b"serial\n" + b"a" * 200_000, "The line cannot be read: field larger than field limit"),
    ],
    ids=range(12),
)
def test_a_file_that_is_no_list_says_why(data: bytes, words: str) -> None:
    assert words in told(data)[0]


def test_a_file_of_too_many_machines_or_faults_is_cut() -> None:
    lines = "".join(f"s{n}\n" for n in range(MAX_LINES))
    assert told(f"serial\n{lines}") == []
    assert "more than 10,000 machines" in told(f"serial\n{lines}one-more\n")[0]
    reading = csv_read(b"serial,unit\n" + b"a,x\n" * (MAX_PROBLEMS + 7))
    assert (len(reading.problems), reading.faults) == (MAX_PROBLEMS, MAX_PROBLEMS + 7)


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail(data: bytes) -> None:
    csv_read(data)
    csv_read(b"serial,unit,rack\n" + data)


words = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20)
entries = st.builds(
    Entry,
    serial=words.filter(bool),
    vendor=words,
    model=words,
    rack=words.filter(bool),
    unit=st.none() | st.integers(1, 99),
    note=words,
    due=st.none() | st.dates(date(1900, 1, 1)),
    memory=st.none() | st.builds(MemoryPlan, st.integers(1, 1024), st.integers(1, 99999)),
)


@given(st.lists(entries, max_size=5), st.sampled_from([",", ";", "\t"]))
def test_what_is_written_is_read_again(rows: list[Entry], separator: str) -> None:
    out = StringIO()
    writer = csv.writer(out, delimiter=separator)
    names = ("serial", "vendor", "model", "rack", "unit", "note", "due", "memory")
    writer.writerow(names)
    for row in rows:
        writer.writerow([guarded(getattr(row, name)) for name in names])
    reading = csv_read(out.getvalue().encode())
    if any(entry.serial.upper().count("E+") for entry in rows):
        return
    assert reading.problems == []
    assert list(reading.entries.values()) == rows


@given(st.text(max_size=30))
def test_no_cell_is_a_formula_and_each_comes_back(text: str) -> None:
    cell = guarded(text)
    assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert unguarded(cell) == text


def test_lines_are_csv() -> None:
    lines = list(csv_lines(["a", "b"], [["=1+1", None], ['x"y', 5]]))
    assert lines == ["a,b\r\n", "'=1+1,\r\n", '"x""y",5\r\n']
