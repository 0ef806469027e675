"""JSON from a node, read without trust."""

import json
import re
from typing import Any

from nodes.inventory.errors import InventoryError
from nodes.inventory.text import clean, decode

# As many as 2**63 - 1 has, the largest number that is kept of anything.
_DIGITS = re.compile(r"[0-9]{1,19}")


def load_json(source: str, text: str | bytes) -> Any:
    """Return the value in `text`; `source` names the program that printed it in the error."""
    if isinstance(text, bytes):
        text = decode(text)
    try:
        return json.loads(text)
    except RecursionError:
        raise InventoryError(f"{source}: nested too deep.") from None
    except ValueError as error:  # also a number with more digits than Python converts
        raise InventoryError(f"{source}: not JSON: {clean(str(error))}.") from None


def objects(source: str, what: str, value: Any) -> list[dict[str, Any]]:
    """Return `value` if it is a list of objects; `what` names that list in the error."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise InventoryError(f"{source}: {what} is not a list of objects.")
    return value


def string(value: Any, limit: int) -> str | None:
    """Return a cleaned string of up to `limit` characters, or None for anything else."""
    return (clean(value)[:limit] or None) if isinstance(value, str) else None


def whole_number(value: Any, most: int) -> int | None:
    """Return an integer from zero to `most`, given as such or as digits in a string, or None."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= most else None
