"""What a message tells, as plain facts; no Django here."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from bearman.lib.text import clean

MOST_DETAILS = 12
LENGTHS = {"reason": 1000, "advice": 1000, "url": 500}  # characters kept
OTHERS = 200  # characters kept of everything else


@dataclass(frozen=True, slots=True)
class Facts:
    """One thing in trouble: which, what is wrong, where it stands and how to get to it.

    `place` is short, for lists; `details` are pairs of a label and a value, for its own message.
    `did` goes on after the name: "failed to register". What a machine said may be in any of them.
    """

    name: str
    code: str
    title: str
    did: str = "failed"
    step: str = ""
    reason: str = ""
    advice: str = ""
    place: str = ""
    details: tuple[tuple[str, str], ...] = ()
    ssh: str = ""
    url: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it for a JSON column: without control characters, each text cut."""
        values = {
            name: clean(str(value)[: LENGTHS.get(name, OTHERS)])
            for name, value in asdict(self).items()
            if name != "details"
        }
        pairs = [
            [clean(label[:OTHERS]), clean(value[:OTHERS])]
            for label, value in self.details[:MOST_DETAILS]
            if value
        ]
        return {**values, "details": pairs}

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> Self:
        """Return what `as_json` has written."""
        pairs = tuple((str(label), str(value)) for label, value in values.get("details", ()))
        texts = {name: str(values[name]) for name in _TEXTS if name in values}
        return cls(**texts, details=pairs)


_TEXTS = (
    *("name", "code", "title", "did", "step", "reason", "advice"),
    *("place", "ssh", "url"),
)


@dataclass(frozen=True, slots=True)
class Group:
    """What troubles have in common, so that they are told together.

    `cause` is in words ("switch leaf-07a", "zone az1"); `noun` says what they are ("node").
    """

    code: str
    noun: str
    cause: str = ""

    @property
    def key(self) -> str:
        """Return the name of the group: those of one name are told in one thread."""
        return "|".join((self.noun, self.code, clean(self.cause)))[:OTHERS]
