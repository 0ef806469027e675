"""The order in which people count: rack 2 before rack 10."""

import re

_NUMBER = re.compile(r"([0-9]{1,18})")


def natural_key(text: str) -> tuple[str | int, ...]:
    """Return what sorts `text` as a person would: numbers in it by value, letters by no case."""
    parts = _NUMBER.split(text)
    return tuple(int(part) if n % 2 else part.casefold() for n, part in enumerate(parts))
