"""The management commands."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ipman.models import Pool, ReservedRange
from ipman.services import address_allocate
from tests.ipman.conftest import MakePool

pytestmark = pytest.mark.django_db

CREATE = [
    "ipman_pool_create",
    "rack1",
    "--zone=z1",
    "--purpose=ipmi",
    "--first=127.40.0.1",
    "--last=127.40.0.99",
    "--prefix-length=24",
    "--gateway=127.40.0.1",
    "--vlan=7",
    "--reserve=127.40.0.2-127.40.0.9",
    "--reserve=127.40.0.50",
]


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_a_pool_is_made_with_its_reserved_ranges_and_doing_it_twice_is_no_error() -> None:
    assert run(*CREATE) == "Made pool rack1: 127.40.0.1 to 127.40.0.99/24.\n"
    assert run(*CREATE) == "Pool rack1 exists already.\n"
    assert ReservedRange.objects.count() == 2
    given = address_allocate(zone="z1", purpose="ipmi", owner="node:1")
    assert (given.address, given.vlan_id) == ("127.40.0.10", 7)


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ("--zone=z2", "zone is z1, not z2"),
        ("--last=127.40.0.98", r"last is 127\.40\.0\.99, not 127\.40\.0\.98"),
        ("--reserve=127.40.0.60", "its reserved ranges are others"),
    ],
)
def test_a_pool_that_exists_with_other_values_is_left_alone(other: str, sentence: str) -> None:
    run(*CREATE)
    with pytest.raises(CommandError, match=sentence):
        run(*CREATE, other)
    assert (Pool.objects.get().zone, ReservedRange.objects.count()) == ("z1", 2)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("--last=127.41.0.1", "outside of"),
        ("--reserve=127.41.0.1", "not within"),
        ("--reserve=nonsense", "valid IPv4 or IPv6"),
        ("--vlan=5000", "4094"),
    ],
)
def test_nothing_is_made_of_what_breaks_a_rule(wrong: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*CREATE, wrong)
    assert not Pool.objects.exists()


def test_an_ipv6_pool_is_known_again_however_it_is_written() -> None:
    words = ["ipman_pool_create", "six", "--zone=z1", "--purpose=ipmi", "--prefix-length=64"]
    run(*words, "--first=FD00:0::1", "--last=fd00::ff", "--reserve=fd00::2-fd00::000f")
    again = run(*words, "--first=fd00::1", "--last=fd00::00ff", "--reserve=fd00::2-fd00::f")
    assert again == "Pool six exists already.\n"
    with pytest.raises(CommandError, match="last is fd00::ff, not nonsense"):
        run(*words, "--first=fd00::1", "--last=nonsense", "--reserve=fd00::2-fd00::f")


def test_pools_are_listed_for_people_and_for_programs(make_pool: MakePool) -> None:
    assert "ipman_pool_create" in run("ipman_pools")
    make_pool(last="10.0.0.4", alert_percent=20)
    make_pool(name="b", zone="z2", first="10.1.0.1", last="10.1.0.9")
    address_allocate(zone="z1", purpose="ipmi", owner="node:1")
    table = run("ipman_pools")
    assert "25 % !" in table
    assert "b" in table
    (line,) = run("ipman_pools", "--json", "--zone=z1").splitlines()
    shown = json.loads(line)
    assert (shown["name"], shown["capacity"], shown["used"], shown["percent"]) == ("a", 4, 1, 25)
    assert (shown["nearly_full"], shown["exhausted"]) == (True, False)
