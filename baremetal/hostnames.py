"""Host names for several machines out of one pattern; no Django here."""

import re
from collections.abc import Sequence

from bearman.lib.errors import Invalid

# {n} is a number; {nn}, {nnn} give it that many digits at least. {node} is the node's number.
PLACE = re.compile(r"\{(node|n{1,6})\}")
USUAL = "node-{node}"


def names(*, pattern: str, node_ids: Sequence[int], first: int = 1) -> list[str]:
    """Return a host name for each node, counted from `first` in their order.

    Raises Invalid for a pattern that gives several machines the same name.
    """
    pattern = pattern.strip()
    if len(node_ids) > 1 and not PLACE.search(pattern):
        raise Invalid(
            f"The pattern {pattern[:70]!r} gives all machines the same host name.",
            advice="Write {n} where the number shall be, such as web-{n}, or {node}.",
        )
    return [_name(pattern, number, node) for number, node in enumerate(node_ids, start=first)]


def _name(pattern: str, number: int, node: int) -> str:
    def place(found: re.Match[str]) -> str:
        word = found[1]
        return str(node) if word == "node" else str(number).zfill(len(word))

    return PLACE.sub(place, pattern)
