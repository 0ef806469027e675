"""The sessions that a BMC holds: opening, activity, expiry (IPMI 2.0 section 6.12)."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from simulator.bmc.rakp import CipherSuite, Exchange, SessionKeys

INACTIVITY_S = 60.0  # section 6.12.15: 60 seconds, plus or minus 3
MAX_SESSIONS = 16
WINDOW = 16  # sequence numbers this far from the highest seen are accepted: section 6.12.13


@dataclass(slots=True)
class Session:
    """One session, from Open Session Request to Close Session."""

    id: int
    console_id: int
    suite: CipherSuite
    last_activity: float
    random: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    password: bytes = field(default=b"", repr=False)
    exchange: Exchange | None = None
    keys: SessionKeys | None = None
    user_slot: int = 0
    max_privilege: int = 0
    privilege: int = 0
    sent: int = 0
    _highest: int = 0
    _seen: set[int] = field(default_factory=set)

    def next_sequence(self) -> int:
        """Sequence number of the next datagram sent; zero is never used."""
        self.sent = self.sent % 0xFFFFFFFF + 1
        return self.sent

    def accepts(self, sequence: int) -> bool:
        """Whether a received sequence number is new and within the window."""
        distance = sequence - self._highest
        if not sequence or sequence in self._seen or abs(distance) > WINDOW:
            return False
        self._highest = max(self._highest, sequence)
        self._seen = {seen for seen in self._seen if self._highest - seen <= WINDOW} | {sequence}
        return True


class SessionTable:
    """A bounded table of sessions; idle ones go, half-open ones make room for new ones."""

    def __init__(
        self, limit: int = MAX_SESSIONS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._sessions: dict[int, Session] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def open(self, console_id: int, suite: CipherSuite) -> Session | None:
        """A new half-open session, or None when every place is held by an active one."""
        self._expire()
        if len(self._sessions) >= self._limit and not self._drop_oldest_half_open():
            return None
        session_id = secrets.randbelow(0xFFFFFFFF) + 1
        while session_id in self._sessions:
            session_id = secrets.randbelow(0xFFFFFFFF) + 1
        session = Session(session_id, console_id, suite, self._clock())
        self._sessions[session_id] = session
        return session

    def get(self, session_id: int) -> Session | None:
        """The session of that number if it is still alive."""
        self._expire()
        return self._sessions.get(session_id)

    def touch(self, session: Session) -> None:
        """Count as activity what proved to come from the session's owner."""
        session.last_activity = self._clock()

    def close(self, session_id: int) -> bool:
        """Forget a session; False when there was none of that number."""
        return self._sessions.pop(session_id, None) is not None

    def clear(self) -> None:
        """Forget all sessions, as a BMC does that restarts or changes its address."""
        self._sessions.clear()

    def _expire(self) -> None:
        oldest = self._clock() - INACTIVITY_S
        for session_id in [s.id for s in self._sessions.values() if s.last_activity < oldest]:
            del self._sessions[session_id]

    def _drop_oldest_half_open(self) -> bool:
        half_open = [s for s in self._sessions.values() if s.keys is None]
        if not half_open:
            return False
        del self._sessions[min(half_open, key=lambda s: s.last_activity).id]
        return True
