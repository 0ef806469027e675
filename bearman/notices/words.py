"""What messages say, from a payload of plain facts; no Django here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from bearman.notices.document import (
    Command,
    Document,
    Fields,
    Item,
    Items,
    Link,
    Mood,
    Part,
    Quote,
    Text,
)
from bearman.notices.facts import Facts
from bearman.notices.states import Kind, Outcome


@dataclass(frozen=True, slots=True)
class Case:
    """One trouble as a message tells it."""

    facts: Facts
    outcome: str = ""
    words: str = ""
    times: int = 1

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> Self:
        """Return what the payload has of it."""
        return cls(
            Facts.of_json(values.get("facts", {})),
            str(values.get("outcome", "")),
            str(values.get("words", "")),
            int(values.get("times", 1)),
        )


@dataclass(frozen=True, slots=True)
class Content:
    """A whole payload: what kind of message, of which group, with what numbers and cases."""

    kind: Kind
    code: str
    title: str
    noun: str
    cause: str
    failed: int
    ended: int
    good: int
    cases: tuple[Case, ...]
    listed: int = 0  # how many the list of cases stands for
    advice: str = ""
    url: str = ""

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> Self:
        """Return what a notice's payload says."""
        texts = ("code", "title", "noun", "cause", "advice", "url")
        return cls(
            kind=Kind(values["kind"]),
            failed=int(values["failed"]),
            ended=int(values["ended"]),
            good=int(values.get("good", 0)),
            listed=int(values.get("listed", 0)),
            cases=tuple(Case.of_json(case) for case in values.get("cases", ())),
            **{name: str(values.get(name, "")) for name in texts},
        )

    @property
    def over(self) -> bool:
        """Return whether none of them needs anybody any more."""
        return self.ended >= self.failed


def document(content: Content) -> Document:
    """Return the message of a payload."""
    if content.kind in (Kind.ONE, Kind.GOOD):
        return _one(content, content.cases[0])
    if content.failed == 1 and content.cases and content.kind is not Kind.UPDATE:
        return _alone(content, content.cases[0])
    return _many(content)


def _alone(content: Content, case: Case) -> Document:
    """Return the message on a trouble that is the only one of its thread."""
    headline = f"{content.code} {content.title}"
    if content.kind is Kind.RESOLVED:
        return Document(_mood(case), f"Resolved: {headline}", (_ending(case),))
    if case.outcome:
        first: tuple[Part, ...] = (_ending(case),)
        return Document(_mood(case), f"Resolved: {headline}", (*first, *_full(case.facts)))
    return Document(Mood.BAD, headline, (_what(case), *_full(case.facts)))


def _one(content: Content, case: Case) -> Document:
    """Return the message on one of many, or on the end of one."""
    if content.kind is Kind.GOOD:
        return Document(_mood(case), _sentence(case))
    parts = (_ending(case) if case.outcome else Text(f"It {_did(case)}."),)
    name = " · ".join(filter(None, (case.facts.name, case.facts.place)))
    mood = _mood(case) if case.outcome else Mood.BAD
    return Document(mood, name, (*parts, *_full(case.facts, advice=content.advice)))


def _many(content: Content) -> Document:
    count = f"{content.failed:,} {_plural(content.noun, content.failed)}"
    headline = f"{content.code} {content.title}: {count}"
    if content.cause:
        headline += f", {content.cause}"
    if content.over:
        return Document(Mood.GOOD, f"Resolved: {headline}", (_all_over(content), *_pages(content)))
    parts: list[Part] = []
    if content.ended:
        left = content.failed - content.ended
        needs = "1 still needs" if left == 1 else f"{left:,} still need"
        done = "1 is" if content.ended == 1 else f"{content.ended:,} are"
        parts.append(Text(f"{needs} somebody, {done} dealt with."))
    if content.advice:
        parts.append(Text(content.advice, "What to do"))
    if content.kind in (Kind.OPEN, Kind.UPDATE, Kind.COUNT) and content.cases:
        parts.append(_list(content))
    mood = Mood.PLAIN if content.kind is Kind.UPDATE else Mood.BAD
    return Document(mood, headline, (*parts, *_pages(content)))


def _list(content: Content) -> Items:
    items = tuple(
        Item(
            case.facts.name,
            case.facts.url,
            ", ".join(filter(None, (case.facts.place, _end(case)))),
            "" if case.outcome else case.facts.ssh,
        )
        for case in content.cases
    )
    return Items(items, more=max(0, content.listed - len(items)))


def _all_over(content: Content) -> Text:
    all_of_them = "Both" if content.failed == 2 else f"All {content.failed:,}"
    if content.good == content.failed:
        return Text(f"{all_of_them} came good.")
    return Text(f"{all_of_them} are dealt with; {content.good:,} came good.")


def _full(facts: Facts, *, advice: str = "") -> tuple[Part, ...]:
    """Return all there is to say of a trouble; `advice` was given already, and is not repeated."""
    parts: list[Part] = []
    if facts.reason:
        parts.append(Quote(facts.reason))
    if facts.advice and facts.advice != advice:
        parts.append(Text(facts.advice, "What to do"))
    if facts.details:
        parts.append(Fields(facts.details))
    if facts.ssh:
        parts.append(Command(facts.ssh))
    if facts.url:
        parts.append(Link("Open its page in Bearman", facts.url))
    return tuple(parts)


def _what(case: Case) -> Text:
    return Text(f"{case.facts.name} {_did(case)}.")


def _did(case: Case) -> str:
    step = f" in step {case.facts.step}" if case.facts.step else ""
    again = f" ({case.times} times)" if case.times > 1 else ""
    return f"{case.facts.did}{step}{again}"


def _ending(case: Case) -> Text:
    return Text(_sentence(case))


def _sentence(case: Case) -> str:
    return f"{case.facts.name}: {_end(case) or 'it is dealt with'}."


def _end(case: Case) -> str:
    return case.words if case.outcome else ""


def _mood(case: Case) -> Mood:
    return Mood.GOOD if case.outcome == Outcome.GOOD else Mood.PLAIN


def _pages(content: Content) -> Sequence[Part]:
    return (Link("Open the list in Bearman", content.url),) if content.url else ()


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
