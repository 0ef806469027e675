"""Makes text from the server, and so perhaps from a hostile node, safe for a terminal."""


def clean(text: str) -> str:
    """The text with everything that is not plainly printable written as an escape.

    That takes control characters (ECMA-48 sequences begin with one), and also the invisible and
    direction-changing characters of Unicode's categories Cf, Zl and Zp.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, the last one an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def encodable(text: str) -> str:
    """Arguments may hold bytes that are not UTF-8 (PEP 383); protobuf takes none of them."""
    return text.encode("utf-8", "replace").decode()


def place(rack: str, unit: int) -> str:
    """Rack and unit as people say them, `R12 U4`; empty where nobody said."""
    return f"{rack} U{unit}" if rack and unit else rack
