"""The catalogue: codes that stay, whole sentences, and the page that is made of it."""

import re
from pathlib import Path

import pytest

from bearman.lib.issues import AREAS, CATALOGUE, Issue
from bearman.lib.issues.page import anchor, page

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[A-Z]{2,5}-[0-9]{3}")
ALL = [entry for entries in AREAS.values() for entry in entries]
LEAST = 40
# Sentences may begin with the name of a program, which is never capitalised.
PROGRAMS = ("kexec", "ipmitool", "lldpcli", "autorun", "register.sh", "fwupdmgr", "mstflint")


def test_the_page_is_what_the_catalogue_says() -> None:
    assert (ROOT / "docs" / "issues.md").read_text() == page(), "run `make issues`"


def test_there_are_enough_entries_and_each_code_is_there_once() -> None:
    codes = [entry.code for entry in ALL]
    assert len(codes) >= LEAST
    assert sorted(codes) == sorted(set(codes)) == sorted(CATALOGUE)


def test_the_codes_of_an_area_begin_alike_and_those_of_others_do_not() -> None:
    prefixes = {title: {e.code.split("-")[0] for e in entries} for title, entries in AREAS.items()}
    assert all(len(found) <= 1 for found in prefixes.values()), prefixes
    assert len(set.union(*prefixes.values())) == sum(map(len, prefixes.values()))


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.code)
def test_an_entry_has_a_code_and_whole_sentences(entry: Issue) -> None:
    assert CODE.fullmatch(entry.code)
    assert entry.title[0].isupper() or entry.title.startswith("kexec")
    assert entry.title[-1] not in ".!?"
    assert len(entry.title) <= 80
    for text in (entry.meaning, entry.advice):
        assert text.endswith((".", "?")), text
        assert text[0].isupper() or text.startswith(PROGRAMS)
        assert "  " not in text
        assert len(text) <= 500


def test_no_two_entries_have_one_title() -> None:
    titles = [entry.title.casefold() for entry in ALL]
    assert len(titles) == len(set(titles))


def test_the_page_has_an_anchor_for_each_entry() -> None:
    text = page()
    for entry in ALL:
        assert text.count(f'<a id="{anchor(entry.code)}"></a>') == 1
        assert f"(#{anchor(entry.code)})" in text
