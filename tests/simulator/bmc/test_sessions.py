"""Sessions of a simulated BMC are bounded, expire and refuse replays."""

from simulator.bmc.rakp import SUITE_3, SUITE_17, SessionKeys
from simulator.bmc.sessions import INACTIVITY_S, Session, SessionTable


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def activate(session: Session) -> Session:
    session.keys = SessionKeys.derive(session.suite, b"key")
    return session


def opened(table: SessionTable) -> Session:
    session = table.open(7, SUITE_3)
    assert session is not None
    return session


def test_an_idle_session_expires_and_an_active_one_does_not() -> None:
    clock = Clock()
    table = SessionTable(clock=clock)
    idle, active = opened(table), opened(table)
    clock.now += INACTIVITY_S - 1
    table.touch(active)
    clock.now += 2
    assert table.get(idle.id) is None
    assert table.get(active.id) is active


def test_a_half_open_session_makes_room_but_an_active_one_does_not() -> None:
    table = SessionTable(limit=2, clock=Clock())
    active, half_open = activate(opened(table)), opened(table)
    newcomer = activate(opened(table))
    assert table.get(half_open.id) is None
    assert table.get(active.id) is active
    assert table.open(7, SUITE_3) is None
    assert table.close(newcomer.id)
    assert not table.close(newcomer.id)
    assert table.open(7, SUITE_3) is not None


def test_a_sequence_number_is_accepted_once_and_only_near_the_last() -> None:
    session = Session(1, 2, SUITE_17, 0.0)
    assert [session.accepts(number) for number in (1, 3, 2, 2, 0, 40, 19, 1)] == [
        True,
        True,
        True,
        False,
        False,
        False,
        True,
        False,
    ]


def test_sent_sequence_numbers_skip_zero_when_they_wrap() -> None:
    session = Session(1, 2, SUITE_3, 0.0, sent=0xFFFFFFFE)
    assert [session.next_sequence() for _ in range(2)] == [0xFFFFFFFF, 1]
