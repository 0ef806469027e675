"""Pages of a list: the token is the id of the last row."""

from bearman.lib.errors import Invalid

DEFAULT_PAGE, MAX_PAGE = 100, 1000


def page_token(text: str) -> int | None:
    """Return the id in a page token, None for the first page; raises Invalid."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid("`page_token` is not one that this server gave.")
    return int(text)
