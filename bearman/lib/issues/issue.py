"""What an entry of the catalogue is; no Django here."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is: an error must be mended, a warning looked at, a note is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


# The worst first.
ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


@dataclass(frozen=True, slots=True)
class Issue:
    """One kind of finding or failure.

    `code` never changes and never becomes another kind's: people write it into tickets and scripts.
    `meaning` says what it is, `advice` what a person should do; both are whole sentences.
    """

    code: str
    title: str
    severity: Severity
    meaning: str
    advice: str

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


@dataclass(frozen=True, slots=True)
class Found:
    """An issue at a place of one machine, in words for people.

    `subject` names the place (an interface, a component, a memory slot); `message` is a sentence
    with the names in it. `advice`, if given, knows more than the catalogue's.
    """

    issue: Issue
    subject: str
    message: str
    advice: str = ""

    @property
    def what_to_do(self) -> str:
        """Return the advice: its own, or else the catalogue's."""
        return self.advice or self.issue.advice
