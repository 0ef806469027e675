"""Takes a mapping of a recipe apart, and collects a sentence for each fault."""

import re
from collections.abc import Mapping
from difflib import get_close_matches


class Fields:
    """The keys of one mapping; whatever is not asked for is a fault too."""

    def __init__(self, value: object, where: str, faults: list[str]) -> None:
        self.where, self.faults = where, faults
        self._value: Mapping[object, object] = value if isinstance(value, Mapping) else {}
        self._known: set[str] = set()
        if not isinstance(value, Mapping):
            faults.append(f"{where or 'The recipe'} must be a mapping of names to values.")

    def at(self, key: str) -> str:
        """The full name of a key, `base.mmdebstrap.suite`."""
        return f"{self.where}.{key}" if self.where else key

    def has(self, key: str) -> bool:
        """True if the key is there; it is then known."""
        self._known.add(key)
        return key in self._value

    def raw(self, key: str) -> object:
        """The value as YAML gave it, or None."""
        self._known.add(key)
        return self._value.get(key)

    def text(self, key: str, pattern: str, words: str, default: str | None = None) -> str:
        """A text that matches; `words` says what it must be. Without a default it must be there."""
        if not self.has(key) and default is not None:
            return default
        value = self.raw(key)
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        self._fault(key, words)
        return default or ""

    def texts(
        self, key: str, pattern: str, words: str, default: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        """A list of such texts."""
        if not self.has(key) and default is not None:
            return default
        value = self.raw(key)
        each_of = value if isinstance(value, list) else [None]
        fits = all(isinstance(each, str) and re.fullmatch(pattern, each) for each in each_of)
        if fits and (each_of or default is not None):
            return tuple(map(str, each_of))
        self._fault(key, f"a list, and each of it {words}")
        return default or ()

    def number(self, key: str, low: int, high: int) -> int | None:
        """A whole number between two, or None where there is none."""
        if not self.has(key):
            return None
        value = self.raw(key)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self._fault(key, f"a whole number from {low} to {high}")
        return None

    def done(self) -> None:
        """Complain of keys that mean nothing."""
        for key in self._value:
            if key not in self._known:
                near = get_close_matches(str(key), self._known, n=1)
                hint = f"; did you mean `{near[0]}`?" if near else "."
                self.faults.append(f"`{self.at(str(key))}` means nothing in a recipe{hint}")

    def _fault(self, key: str, words: str) -> None:
        if key not in self._value:
            self.faults.append(f"`{self.at(key)}` is missing: it must be {words}.")
        else:
            shown = repr(self._value[key])
            shown = shown if len(shown) <= 60 else shown[:59] + "…"
            self.faults.append(f"`{self.at(key)}` must be {words}, not {shown}.")
