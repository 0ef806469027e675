"""Whether two descriptions are of one machine."""

from hypothesis import given
from hypothesis import strategies as st

from nodes.identity import Evidence, compare, telling_macs

ONE = Evidence(
    serial="7XK2J43",
    board_serial="CN7016300B00A1",
    macs=frozenset({"b0:7b:25:00:00:01", "b0:7b:25:00:00:02"}),
    memory_serials=frozenset({"3901A0B1", "3901A0B2", "3901A0B3", "3901A0B4"}),
    build=("Dell Inc.", "PowerEdge R650", "0XV1DT", "Xeon Gold 6338", "137438953472"),
)


def changed(**parts: object) -> Evidence:
    values = {name: getattr(ONE, name) for name in Evidence.__slots__}
    return Evidence(**(values | parts))


def test_the_same_machine_is_recognised() -> None:
    assert compare(ONE, ONE).same


def test_one_changed_interface_does_not_make_another_machine() -> None:
    assert compare(ONE, changed(macs=frozenset({"b0:7b:25:00:00:01", "0c:42:a1:00:00:09"}))).same


def test_all_interfaces_changed_do_not_make_another_machine_while_board_and_serial_stay() -> None:
    assert compare(ONE, changed(macs=frozenset({"0c:42:a1:00:00:09"}))).same


def test_one_changed_memory_module_does_not_make_another_machine() -> None:
    other = ONE.memory_serials - {"3901A0B1"} | {"77777777"}
    assert compare(ONE, changed(memory_serials=other)).same


def test_all_memory_changed_does_not_make_another_machine() -> None:
    assert compare(ONE, changed(memory_serials=frozenset({"1", "2"}))).same


def test_a_cloned_uuid_is_another_machine() -> None:
    clone = Evidence("OTHER", "BOARD", frozenset({"0c:42:a1:00:00:01"}), frozenset({"M"}))
    verdict = compare(ONE, clone)
    assert not verdict.same
    assert "system serial OTHER instead of 7XK2J43" in verdict.against


def test_sleds_that_share_uuid_and_serial_are_two_machines() -> None:
    sled = changed(
        board_serial="CN7016300B00A2",
        macs=frozenset({"b0:7b:25:00:00:11", "b0:7b:25:00:00:12"}),
        memory_serials=frozenset({"3901A0C1", "3901A0C2"}),
    )
    assert not compare(ONE, sled).same


def test_a_swapped_board_is_left_to_a_person() -> None:
    board = changed(board_serial="NEW", macs=frozenset({"b0:7b:25:00:00:21"}))
    assert not compare(ONE, board).same
    assert not compare(ONE, changed(board_serial="NEW")).same, "also where all else stayed"


def test_where_boards_have_no_serial_another_serial_is_another_machine() -> None:
    bare = changed(board_serial="")
    assert compare(bare, ONE).same
    assert not compare(bare, changed(board_serial="", serial="OTHER")).same
    assert not compare(bare, changed(serial="OTHER")).same


def test_without_serials_the_interfaces_decide() -> None:
    one = Evidence(macs=frozenset({"b0:7b:25:00:00:01", "b0:7b:25:00:00:02"}))
    half = Evidence(macs=frozenset({"b0:7b:25:00:00:01", "0c:42:a1:00:00:09"}))
    none = Evidence(macs=frozenset({"0c:42:a1:00:00:09"}))
    assert compare(one, half).same
    assert not compare(one, none).same


def test_with_nothing_to_compare_only_the_very_same_build_counts() -> None:
    build = ("Dell Inc.", "PowerEdge R650")
    assert compare(Evidence(build=build), Evidence(build=build)).same
    assert not compare(Evidence(build=build), Evidence(build=("HPE", "DL360"))).same


def test_addresses_that_many_machines_have_tell_nothing() -> None:
    shared, own = "0a:94:ef:00:00:01", "b0:7b:25:00:00:01"
    assert telling_macs([shared, own]) == {own}
    assert telling_macs([shared]) == {shared}


parts = st.frozensets(st.sampled_from("abcdefgh"), max_size=6)
evidence = st.builds(
    Evidence,
    serial=st.sampled_from(["", "S1", "S2"]),
    board_serial=st.sampled_from(["", "B1", "B2"]),
    macs=parts,
    memory_serials=parts,
    build=st.just(("one",)),
)


@given(evidence, evidence)
def test_two_machines_that_share_nothing_are_never_one(one: Evidence, two: Evidence) -> None:
    comparable = bool(
        (one.serial and two.serial)
        or (one.board_serial and two.board_serial)
        or (one.macs and two.macs)
        or (one.memory_serials and two.memory_serials)
    )
    shared = (
        (one.serial and one.serial == two.serial)
        or (one.board_serial and one.board_serial == two.board_serial)
        or one.macs & two.macs
        or one.memory_serials & two.memory_serials
    )
    if comparable and not shared:
        assert not compare(one, two).same


@given(evidence)
def test_a_machine_is_always_itself(one: Evidence) -> None:
    assert compare(one, one).same


@given(evidence, evidence)
def test_the_verdict_is_the_same_both_ways(one: Evidence, two: Evidence) -> None:
    assert compare(one, two).same == compare(two, one).same
