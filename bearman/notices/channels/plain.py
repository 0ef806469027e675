"""Documents as plain text, for mail; no Django here."""

import textwrap

from bearman.notices.document import Command, Document, Fields, Items, Link, Part, Quote, Text

WIDTH = 78  # RFC 5322 section 2.1.1
MAX_TEXT = 40_000


def text(document: Document) -> str:
    """Return the document's parts, with an empty line between them."""
    found = [_filled(document.headline), *(_plain(part) for part in document.parts)]
    return "\n\n".join(filter(None, found))[:MAX_TEXT] + "\n"


def _plain(part: Part) -> str:
    match part:
        case Text(text=words, label=label):
            return _filled(f"{label}: {words}" if label else words)
        case Quote(text=words):
            return _filled(words, indent="> ")
        case Fields(pairs=pairs):
            width = max((len(label) for label, _ in pairs), default=0) + 1
            return "\n".join(f"{label + ':':<{width}} {value}" for label, value in pairs)
        case Command(text=words):
            return f"    {words}"
        case Items(items=items, more=more):
            lines = [
                ", ".join(filter(None, (item.name, item.words, item.command))) for item in items
            ]
            lines = [f"- {line}" for line in lines]
            return "\n".join([*lines, f"  and {more:,} more"] if more else lines)
        case Link(words=words, url=url):
            return f"{words}:\n{url}"


def _filled(words: str, *, indent: str = "") -> str:
    return textwrap.fill(
        words, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
