"""A message before it is in any channel's language; no Django here.

All texts in it are as they are: whoever renders it escapes them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Mood(StrEnum):
    """How a message looks at first sight."""

    BAD = "bad"
    GOOD = "good"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `label` stands in front of it."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a machine or a service said."""

    text: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Labels with their values."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A line to paste into a shell."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One of a list: a name with its page, words after it, and a line for a shell."""

    name: str
    url: str = ""
    words: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """A list, and how many more there are than it names."""

    items: tuple[Item, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A page to open."""

    words: str
    url: str


Part = Text | Quote | Fields | Command | Items | Link


@dataclass(frozen=True, slots=True)
class Document:
    """A message: its first line, and what comes under it."""

    mood: Mood
    headline: str
    parts: tuple[Part, ...] = ()
