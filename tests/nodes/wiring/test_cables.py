"""The list of cables: CSV in and out, from the command line too."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from nodes.models import Cable, WiringPlan
from nodes.services.cables import cables_export, cables_import
from nodes.wiring.cable_rows import parse_cables, write_cables
from profiles.models import Flavor

pytestmark = pytest.mark.django_db

HEAD = "rack,unit,serial,interface,switch,port,speed,vlan,mtu\n"
TWO = f"{HEAD}r1,7,,eno1,leaf-a,7,,,\nr1,8,,eno1,leaf-a,8,,,\n"


def ran(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_importing_twice_is_the_same_as_once() -> None:
    assert str(cables_import(text=TWO)) == "2 new, 0 changed, 0 as they were."
    keys = set(Cable.objects.values_list("pk", flat=True))
    assert str(cables_import(text=TWO)) == "0 new, 0 changed, 2 as they were."
    assert set(Cable.objects.values_list("pk", flat=True)) == keys


def test_two_cables_may_change_places_in_one_import() -> None:
    cables_import(text=TWO)
    swapped = f"{HEAD}R1,7,,eno1,leaf-a,8,,,\nr1,8,,eno1,LEAF-A,7,,,\n"
    assert str(cables_import(text=swapped)) == "0 new, 2 changed, 0 as they were."
    assert Cable.objects.get(unit=7).port == "8"


def test_a_port_that_another_cable_has_is_refused_unless_the_file_replaces_all() -> None:
    cables_import(text=TWO)
    text = f"{HEAD}r1,9,,eno1,leaf-a,Ethernet7,,,\nr1,10,,eno1,leaf-a,8,,,\n"
    done = cables_import(text=text)
    assert [str(error) for error in done.errors] == [
        "Line 3: leaf-a port 8 is taken: rack r1 unit 8 eno1 -> leaf-a:8."
    ]
    assert Cable.objects.count() == 2
    done = cables_import(text=text, replace=True)
    assert str(done) == "2 new, 0 changed, 0 as they were, 2 removed."


def test_a_dry_run_changes_nothing() -> None:
    assert cables_import(text=TWO, dry_run=True).made == 2
    assert not Cable.objects.exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("r1,7,,e/1,leaf,7,,,", "'e/1' is not the name of an interface."),
        ("r1,7,,eno1,,7,,,", "switch and port must be given"),
        ("r1,,,eno1,leaf,7,,,", "give rack and unit, or the serial"),
        ("r1,7,SN1,eno1,leaf,7,,,", "give rack and unit, or the serial"),
        (",,,eno1,leaf,7,,,", "give rack and unit, or the serial"),
        ("r1,0,,eno1,leaf,7,,,", "unit is from 1 to 999"),
        ("r1,7,,eno1,leaf,7,fast,,", "speed must be a whole number"),
        ("r1,7,,eno1,leaf,7,,4095,", "vlan is from 1 to 4094"),
        ("r1,7,,eno1,leaf,7,,,100", "mtu is from 576"),
        (f"r1,7,,eno1,{'x' * 101},7,,,", "switch has at most 100 characters"),
        ("r1,7,,eno1,le\u202eaf,7,,,", "all of them printable"),
    ],
)
def test_what_is_wrong_with_a_line_is_told(line: str, words: str) -> None:
    done = cables_import(text=f"{HEAD}\n{line}\n")
    (error,) = done.errors
    assert error.line == 3
    assert words in error.message
    assert not Cable.objects.exists()


def test_the_same_interface_or_port_twice_is_told_with_both_lines() -> None:
    text = (
        f"{HEAD}r1,7,,eno1,a,1,,,\nR1,7,,eno1,a,2,,,\nr1,8,,eno1,A,Port 1,,,\nr1,9,,eno1,a,1,,,\n"
    )
    _, errors = parse_cables(text)
    assert [str(error) for error in errors] == [
        "Line 3: rack R1 unit 7 eno1 is on line 2 already.",
        "Line 5: a port 1 is on line 2 already.",
    ]


def test_semicolons_other_columns_and_their_order_do_not_matter() -> None:
    text = "\ufeffPort;Note;Switch;Interface;Serial\r\n7;new;leaf;eno1;SN1\r\n;;;;\r\n"
    rows, errors = parse_cables(text)
    assert not errors
    assert str(rows[2]) == "serial SN1 eno1"


def test_what_is_exported_is_imported_as_it_was() -> None:
    text = f"{HEAD}r1,7,,eno1,leaf-a,Eth1/7,25,100,9000\nr1,7,,eno2,leaf-b,Eth1/7,,,\n"
    cables_import(text=text)
    assert cables_export() == text


@given(st.text(max_size=300))
def test_any_text_is_cables_or_errors(text: str) -> None:
    for whole in (text, HEAD + text):
        rows, errors = parse_cables(whole)
        if not errors:
            again, _ = parse_cables(write_cables(list(rows.values())))
            assert list(again.values()) == list(rows.values())


def test_the_commands_import_and_export(tmp_path: Path) -> None:
    file = tmp_path / "cables.csv"
    file.write_text(TWO)
    assert ran("cables_import", str(file), "--dry-run").startswith("Would be: 2 new")
    assert ran("cables_import", str(file)) == "2 new, 0 changed, 0 as they were.\n"
    assert ran("cables_export") == TWO
    file.write_text(f"{HEAD}r1,7,,eno1,,,,,\n")
    with pytest.raises(CommandError, match="Line 2: eno1: switch and port"):
        ran("cables_import", str(file))
    with pytest.raises(CommandError, match="cannot be read"):
        ran("cables_import", str(tmp_path / "none"))


def test_a_plan_is_made_from_the_command_line_and_set_anew() -> None:
    Flavor.objects.create(name="compute")
    words = ("wiring_plan_create", "pairs", "--flavor", "compute", "--rack", "r*")
    pattern = ("--pattern", "eno1 -> leaf-{rack}a:{unit}")
    rules = ("--links", "2", "--switches", "2", "--same-port", "--speed", "25", "--mtu", "9000")
    assert ran(*words, *pattern, *rules) == "Wiring plan pairs made.\n"
    assert ran(*words, *pattern, "--vlan", "100") == "Wiring plan pairs set anew.\n"
    plan = WiringPlan.objects.get()
    assert (plan.links, plan.vlan, plan.same_port, str(plan.flavor)) == (0, 100, False, "compute")
    with pytest.raises(CommandError, match="no flavor"):
        ran("wiring_plan_create", "x", "--flavor", "none")
    with pytest.raises(CommandError, match="asks for nothing"):
        ran("wiring_plan_create", "x")
    with pytest.raises(CommandError, match="Line 1"):
        ran("wiring_plan_create", "x", "--pattern", "eno1")
