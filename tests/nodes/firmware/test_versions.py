"""How versions compare: each vendor's form, and the laws of an order."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.firmware import COMPARATORS, Comparator, ComponentKind, Rule, Standing

# Versions as each form writes them, built at random; small numbers, so that many are equal.
_SMALL = st.integers(0, 3)
_NUMBER = st.integers(0, 120)
_DATES = st.dates(date(2015, 1, 1), date(2015, 3, 31))
_WRITTEN: dict[str, st.SearchStrategy[str]] = {
    "dotted": st.lists(_SMALL, min_size=1, max_size=4).map(lambda n: ".".join(map(str, n))),
    "dell": st.one_of(
        st.tuples(_SMALL, _NUMBER, _SMALL).map(lambda n: f"{n[0]}.{n[1]}.{n[2]}"),
        st.integers(0, 20).map(lambda n: f"A{n:02}"),
    ),
    "hpe": st.tuples(st.sampled_from(["U30", "U32", "P89"]), _SMALL, _DATES).map(
        lambda v: f"{v[0]} v2.{v[1]:02} ({v[2]:%m/%d/%Y})"
    ),
    "supermicro": st.tuples(_SMALL, _SMALL, st.sampled_from(["", "a", "b"])).map(
        lambda v: f"{v[0]}.{v[1]}{v[2]}"
    ),
    "lenovo": st.tuples(
        st.sampled_from(["IVE", "D8E"]), st.sampled_from(["164G", "166A"]), _SMALL, _SMALL
    ).map(lambda v: f"{v[0]}{v[1]}-{v[2]}.{v[3]}"),
    "date": _DATES.flatmap(
        lambda d: st.sampled_from([f"{d:%m/%d/%Y}", f"{d:%Y-%m-%d}", f"{d:%Y%m%d}"])
    ),
    "mellanox": st.tuples(
        st.sampled_from([16, 22]), _SMALL, _SMALL, st.sampled_from(["", " (MT_0000000359)"])
    ).map(lambda v: f"{v[0]}.{v[1]}.{v[2]:04}{v[3]}"),
    "broadcom": st.tuples(_SMALL, _SMALL, st.sampled_from(["", "pkg ", "214.4.42.1/pkg "])).map(
        lambda v: f"{v[2]}21.{v[0]}.{v[1]}"
    ),
    "tg3": st.tuples(
        st.sampled_from(["5719", "5720"]), _SMALL, st.sampled_from(["", " NCSI v1.5"])
    ).map(lambda v: f"{v[0]}-v1.{v[1]}{v[2]}"),
    "intel_nvm": st.one_of(
        st.tuples(_SMALL, _SMALL, st.sampled_from(["", " 0x8000b6c7", " 0x8000b6c7 1.3082.0"])).map(
            lambda v: f"{v[0]}.{v[1]}{v[2]}"
        ),
        st.sampled_from(["0x800003e2", "0x800003E2, 1.2198.0", "0x8000095d"]),
    ),
    "bmc": st.tuples(_SMALL, st.sampled_from(["2", "02", "22", "1f"])).map(
        lambda v: f"{v[0]}.{v[1]}"
    ),
    "bmc_aux": st.tuples(_SMALL, st.sampled_from(["19.00.00.00", "1a.00.00.00"])).map(
        lambda v: f"4.{v[0]} aux {v[1]}"
    ),
    "exact": st.sampled_from(["EDA5702Q", "eda5702q", "HPG4"]),
}
_TRIPLES = st.sampled_from(sorted(COMPARATORS)).flatmap(
    lambda name: st.tuples(st.just(name), _WRITTEN[name], _WRITTEN[name], _WRITTEN[name])
)


def test_each_form_reads_its_own_examples() -> None:
    for form in COMPARATORS.values():
        assert all(form.parse(example) for example in form.examples), form.title


@given(_TRIPLES)
def test_each_form_is_a_strict_partial_order(case: tuple[str, str, str, str]) -> None:
    form, (a, b, c) = COMPARATORS[case[0]], case[1:]
    assert form.parse(a) is not None, a
    assert form.compare(a, a) == 0
    there, back = form.compare(a, b), form.compare(b, a)
    assert back == (None if there is None else -there), "one is as far behind as the other ahead"
    onwards = form.compare(b, c)
    if there == onwards and there is not None:
        assert form.compare(a, c) == there, "what is older than the older is older"
    if there == 0:
        assert onwards == form.compare(a, c), "equals compare alike"


@given(st.sampled_from(sorted(COMPARATORS)), st.text(max_size=400))
def test_no_text_breaks_a_form(name: str, text: str) -> None:
    form = COMPARATORS[name]
    found = form.parse(text)
    assert form.compare(text, text) == (None if found is None else 0)


@pytest.mark.parametrize(
    ("name", "older", "newer"),
    [
        ("dotted", "1.9", "1.10"),
        ("dotted", "v1.2", "1.2.1"),
        ("dell", "2.9.4", "2.10.2"),
        ("dell", "A07", "A12"),
        ("hpe", "U30 v2.54 (05/14/2021)", "U30 v2.56 (02/10/2022)"),
        ("hpe", "P89 (12/31/2018)", "P89 v2.76 (10/21/2019)"),
        ("supermicro", "3.4", "3.4a"),
        ("supermicro", "3.4a", "3.5"),
        ("lenovo", "IVE162C-2.90", "-[IVE164G-3.11]-"),
        ("date", "05/14/2021", "2021-06-01"),
        ("mellanox", "22.31.1014 (MT_0000000359)", "22.35.2000"),
        ("mellanox", "16.9.1000", "16.35.2000"),
        ("broadcom", "214.4.42.1/pkg 21.65.33.33", "pkg 22.0.1.1"),
        ("tg3", "5719-v1.46 NCSI v1.5.18.0", "5719-v1.47"),
        ("tg3", "FFV21.40.5 bc 5720-v1.38", "FFV21.81.3 bc 5720-v1.39"),
        ("intel_nvm", "8.15 0x800098d6 1.3082.0", "8.50 0x8000b6c7 1.3082.0"),
        ("bmc", "4.22", "4.30"),
        ("bmc", "4.02", "4.10"),
    ],
)
def test_newer_is_newer(name: str, older: str, newer: str) -> None:
    assert COMPARATORS[name].compare(older, newer) == -1


@pytest.mark.parametrize(
    ("name", "one", "same"),
    [
        ("dotted", "2.10", "2.10.0"),
        ("bmc", "4.22", "04.22"),
        ("bmc", "4.22", "4.22 aux 19.00.00.00"),
        ("date", "05/14/2021", "20210514"),
        ("mellanox", "22.31.1014 (MT_0000000359)", "22.31.1014"),
        ("lenovo", "IVE164G-3.11", "-[ive164g-3.11]-"),
        ("broadcom", "214.4.42.1/pkg 21.65.33.33", "pkg 21.65.33.33"),
        ("intel_nvm", "8.50 0x8000b6c7 1.3082.0", "8.50"),
        ("exact", "HPG4", " hpg4 "),
    ],
)
def test_the_same_is_the_same_however_it_is_written(name: str, one: str, same: str) -> None:
    assert COMPARATORS[name].compare(one, same) == 0


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("dell", "A12", "2.10.2"),
        ("hpe", "U30 (05/14/2021)", "U32 (05/14/2022)"),
        ("lenovo", "IVE164G-3.11", "D8E138G-1.11"),
        ("lenovo", "IVE164G-3.11", "IVE166A-3.11"),
        ("mellanox", "16.35.2000", "22.35.2000"),
        ("broadcom", "214.4.42.1", "pkg 21.65.33.33"),
        ("tg3", "5719-v1.46", "5720-v1.39"),
        ("intel_nvm", "0x800003e2, 1.2198.0", "0x8000095d"),
        ("intel_nvm", "8.50", "0x800003e2"),
        ("bmc_aux", "4.22 aux 19.00.00.00", "4.22 aux 20.00.00.00"),
        ("exact", "HPG4", "HPG5"),
        ("dotted", "1.2", "1.2-rc1"),
        ("hpe", "U30 v2.54 (13/45/2021)", "U30 v2.54 (05/14/2021)"),
    ],
)
def test_what_has_no_order_is_not_guessed_at(name: str, one: str, other: str) -> None:
    assert COMPARATORS[name].compare(one, other) is None


def test_the_date_of_a_bios_belongs_to_the_version_where_the_vendor_says_so() -> None:
    released = date(2019, 10, 21)
    assert COMPARATORS["hpe"].text("P89", released) == "P89 (10/21/2019)"
    assert COMPARATORS["hpe"].text("U30 v2.54 (05/14/2021)", released).endswith("(05/14/2021)")
    assert COMPARATORS["hpe"].text("", released) == ""
    assert COMPARATORS["date"].text("5.14", released) == "10/21/2019"
    assert COMPARATORS["dell"].text("2.10.2", released) == "2.10.2"


@pytest.mark.parametrize(
    ("has", "wanted", "exact", "standing"),
    [
        ("2.10.2", "2.10.2", False, Standing.GOOD),
        ("2.11.0", "2.10.2", False, Standing.GOOD),
        ("2.11.0", "2.10.2", True, Standing.NEWER),
        ("2.9.0", "2.10.2", True, Standing.BEHIND),
        ("A12", "2.10.2", True, Standing.UNORDERED),
        ("", "2.10.2", False, Standing.UNREADABLE),
        ("2.9.0", "rubbish", False, Standing.UNREADABLE),
    ],
)
def test_a_version_stands_to_the_wanted_one(
    has: str, wanted: str, exact: bool, standing: Standing
) -> None:
    rule = Rule("*", "*", ComponentKind.BIOS, "", "dell", wanted, exact)
    assert rule.standing(has) is standing


def test_where_there_is_no_order_at_all_another_text_is_behind() -> None:
    rule = Rule("*", "*", ComponentKind.DISK, "*", "exact", "HPG5", True)
    assert rule.standing("HPG4") is Standing.BEHIND


def test_forms_are_bounded() -> None:
    form: Comparator = COMPARATORS["dotted"]
    assert form.parse("1" * 300) is None
    assert form.parse(".".join(["1"] * 9)) is None
