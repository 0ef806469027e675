"""Slack's markup, mrkdwn, as HTML; nothing that was sent becomes a tag."""

import re
from html import escape

LINK = re.compile(r"<(?P<target>[^<>|\s]+)(?:\|(?P<label>[^<>]*))?>")
FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
# A mark counts at the edge of a word only, as in Slack.
STYLES = (
    (re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])"), r"<b>\1</b>"),
    (re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)"), r"<i>\1</i>"),
    (re.compile(r"(?<![\w~])~([^~\n]+)~(?![\w~])"), r"<s>\1</s>"),
)
QUOTE = re.compile(r"^&gt; ?(.*)$", re.MULTILINE)
SAFE = ("http://", "https://", "mailto:")
# Drawn, not written: not every computer has a font with them.
DOTS = {
    f":{name}:": f'<i class=dot style="background:{colour}"></i>'
    for name, colour in {
        "red_circle": "#d72b3f",
        "large_green_circle": "#2bac76",
        "large_orange_circle": "#f2952f",
        "large_yellow_circle": "#f2c744",
        "large_blue_circle": "#2f7de1",
        "white_circle": "#cfcfcf",
    }.items()
}


def as_html(text: str) -> str:
    """One text in mrkdwn."""
    parts, at = [], 0
    for fence in FENCE.finditer(text):
        parts += [_lines(text[at : fence.start()]), f"<pre>{_plain(fence[1])}</pre>"]
        at = fence.end()
    return "".join([*parts, _lines(text[at:])])


def _lines(text: str) -> str:
    parts, at = [], 0
    for code in CODE.finditer(text):
        parts += [_styled(text[at : code.start()]), f"<code>{_plain(code[1])}</code>"]
        at = code.end()
    html = "".join([*parts, _styled(text[at:])])
    return QUOTE.sub(r"<blockquote>\1</blockquote>", html)


def _styled(text: str) -> str:
    parts, at = [], 0
    for link in LINK.finditer(text):
        parts += [_marks(text[at : link.start()]), _link(link["target"], link["label"])]
        at = link.end()
    return "".join([*parts, _marks(text[at:])])


def _link(target: str, label: str | None) -> str:
    address = _decoded(target)
    if not address.startswith(SAFE):
        return _plain(f"<{target}>")
    return f'<a href="{escape(address)}" rel=noreferrer>{_plain(label or target)}</a>'


def _marks(text: str) -> str:
    html = _plain(text)
    for pattern, tag in STYLES:
        html = pattern.sub(tag, html)
    for name, dot in DOTS.items():
        html = html.replace(name, dot)
    return html


def _plain(text: str) -> str:
    return escape(_decoded(text))


def _decoded(text: str) -> str:
    """Slack's three escapes taken back, the ampersand last."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
