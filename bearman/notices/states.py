"""The kinds of messages and where each can be; no Django here."""

from enum import StrEnum


class Kind(StrEnum):
    """What a message is: the head of a thread, or something that comes after it."""

    OPEN = "open"  # the head: what happened, to how many
    ONE = "one"  # one of many, by name, in the thread
    COUNT = "count"  # the head again, with the numbers of now
    UPDATE = "update"  # what has changed, where a head cannot be changed
    GOOD = "good"  # one of those that were named needs nobody any more
    RESOLVED = "resolved"  # none is left


class State(StrEnum):
    """Where a message is."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    GIVEN_UP = "given up"


class Outcome(StrEnum):
    """How a trouble ended."""

    GOOD = "good"
    ASIDE = "aside"  # taken out of service by a person
    OTHER = "other"  # something else is wrong with it now, which has a message of its own


UNSENT = frozenset({State.WAITING, State.SENDING})
# A message of these kinds tells of a whole thread, and is put in words anew before each attempt.
OF_ALL = frozenset({Kind.OPEN, Kind.COUNT, Kind.UPDATE, Kind.RESOLVED})
MOST_NAMED = 20  # in one thread or message; of the others there is a count
