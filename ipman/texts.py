"""Names that a caller sends."""

from bearman.lib.errors import Invalid

NAME_LENGTH = 50  # of pools and zones
OWNER_LENGTH = 200
KEY_LENGTH = 100


def check(field: str, text: str, longest: int) -> None:
    """Raise Invalid, naming `field`, unless `text` is fit for the database, a page and a log."""
    if len(text) > longest:
        raise Invalid(f"`{field}` has {len(text)} characters; {longest} is the most.")
    if not text.isprintable() or text != text.strip():
        raise Invalid(f"`{field}` must be printable, without blanks at its ends.")
