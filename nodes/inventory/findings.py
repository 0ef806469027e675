"""What a parser noticed on its way: a bounded list of sentences, equal ones counted."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from nodes.inventory.placeholders import is_placeholder, is_unknown_choice

# Several times what the worst of real machines give; a hostile text could give one a line.
MAX_WARNINGS: Final = 100

# How much of a doubtful value a warning quotes.
_QUOTED: Final = 60

Item = TypeVar("Item")


class Findings:
    """Collects warnings, and turns the placeholders that it is shown into None."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._dropped = 0

    def warn(self, sentence: str) -> None:
        """Note a sentence; one that comes again is only counted."""
        if sentence in self._counts or len(self._counts) < MAX_WARNINGS:
            self._counts[sentence] += 1
        else:
            self._dropped += 1

    def string(self, key: str, value: str) -> str | None:
        """Return a cleaned string, or None with a warning where it is a placeholder."""
        if not is_placeholder(value):
            return value
        self.warn_of(key, "placeholder", value)
        return None

    def label(self, key: str, value: str) -> str | None:
        """Return the name of a slot or a socket, of which a bare number is a good one."""
        return value if value.isdecimal() else self.string(key, value)

    def choice(self, key: str, value: str) -> str | None:
        """Return a word from one of SMBIOS' tables, or None with a warning if it says nothing."""
        if not is_unknown_choice(value):
            return value
        self.warn_of(key, "placeholder", value)
        return None

    def warn_of(self, key: str, fault: str, value: str) -> None:
        """Note what is wrong with the value of a key, and quote the value."""
        self.warn(f"{key}: {fault} {value[:_QUOTED]!r}" if value else f"{key}: blank")

    def at_most(self, limit: int, key: str, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the first `limit` items, and warn where there are more."""
        for number, item in enumerate(items):
            if number == limit:
                self.warn(f"{key}: only the first {limit} are read")
                return
            yield item

    def sentences(self) -> tuple[str, ...]:
        """Return the warnings in the order of their first appearance."""
        found = [f"{text} ({n} times)" if n > 1 else text for text, n in self._counts.items()]
        if self._dropped:
            found.append(f"{self._dropped} more warnings are not kept")
        return tuple(found)
