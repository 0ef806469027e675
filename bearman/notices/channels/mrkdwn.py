"""Documents in Slack's mrkdwn and blocks; no Django here.

https://docs.slack.dev/messaging/formatting-message-text: &, < and > are escaped, so that nothing
from a machine can be a link, a mention or a command. Sections have 3,000 characters at most, a
message 50 blocks (https://docs.slack.dev/reference/block-kit/blocks).
"""

import re
from typing import Any

from bearman.notices.document import (
    Command,
    Document,
    Fields,
    Item,
    Items,
    Link,
    Mood,
    Part,
    Quote,
    Text,
)

MAX_SECTION = 3000
MAX_BLOCKS = 50
MAX_TEXT = 12_000  # of the 40,000 that Slack takes
MAX_FIELDS, MAX_FIELD = 10, 2000
SIGNS = {Mood.BAD: ":red_circle:", Mood.GOOD: ":large_green_circle:", Mood.PLAIN: ":white_circle:"}

# Other servers know mentions without brackets (Mattermost's @all); a break inside is no mention.
_MENTION = re.compile(r"@(?=[A-Za-z])")


def blocks(document: Document) -> list[dict[str, Any]]:
    """Return the document as Slack's blocks."""
    found = [_section(_first(document))]
    for part in document.parts:
        found += [_section(text) for text in _pieces(_mrkdwn(part))]
    return found[:MAX_BLOCKS]


def text(document: Document) -> str:
    """Return the whole document as one text, for servers and notifications without blocks."""
    lines = [_first(document), *(_mrkdwn(part) for part in document.parts)]
    return _cut("\n".join(lines), MAX_TEXT)


def escaped(words: str) -> str:
    """Return text in which nothing is a link, a mention or a command."""
    words = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MENTION.sub("@\u200b", words)


def _first(document: Document) -> str:
    return _cut(f"{SIGNS[document.mood]} *{escaped(document.headline)}*", MAX_SECTION)


def _mrkdwn(part: Part) -> str:
    match part:
        case Text(text=words, label=label):
            return f"*{escaped(label)}:* {escaped(words)}" if label else escaped(words)
        case Quote(text=words):
            return f"> {escaped(words)}"
        case Fields(pairs=pairs):
            return "\n".join(f"{escaped(label)}: *{escaped(value)}*" for label, value in pairs)
        case Command(text=words):
            return f"`{_code(words)}`"
        case Items(items=items, more=more):
            lines = [_item(item) for item in items]
            return "\n".join([*lines, f"… and {more:,} more"] if more else lines)
        case Link(words=words, url=url):
            return _link(words, url)


def _item(item: Item) -> str:
    after = [_link(item.name, item.url), escaped(item.words)]
    if item.command:
        after.append(f"`{_code(item.command)}`")
    return f"• {', '.join(filter(None, after))}"


def _link(words: str, url: str) -> str:
    if not url:
        return escaped(words)
    address = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return f"<{address}|{escaped(words)}>"


def _code(words: str) -> str:
    plain = words.replace("`", "").replace("&", "&amp;")
    return plain.replace("<", "&lt;").replace(">", "&gt;")


def _section(words: str) -> dict[str, Any]:
    # verbatim: what looks like an address or a channel in a machine's words does not become one.
    return {"type": "section", "text": {"type": "mrkdwn", "text": words, "verbatim": True}}


def _pieces(words: str) -> list[str]:
    """Return text in pieces of at most a section, cut between lines."""
    pieces: list[str] = []
    for line in words.splitlines():
        piece = _cut(line, MAX_SECTION)
        if pieces and len(pieces[-1]) + len(piece) + 1 <= MAX_SECTION:
            pieces[-1] += f"\n{piece}"
        elif piece:
            pieces.append(piece)
    return pieces


def _cut(words: str, length: int) -> str:
    return words if len(words) <= length else f"{words[: length - 1]}…"
