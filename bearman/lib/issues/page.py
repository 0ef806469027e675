"""The catalogue as a page for people, docs/issues.md; no Django here."""

import re

from bearman.lib.issues import AREAS, Issue, Severity

_HEAD = """# Issues

Generated from `bearman/lib/issues/` by `make issues`; a test compares them.

Everything that Bearman finds or fails at has a code. It is on the node's page in the Admin, in what
`bearman-cli` and the machine's console say, and in the messages that find you. A code never changes
and never becomes another one's, so that it can stand in tickets and scripts.
`bearman-cli issue show CODE` shows an entry too.

| severity | meaning |
|---|---|
"""
_SEVERITIES = {
    Severity.ERROR: "Must be mended: what it belongs to has failed, or was refused.",
    Severity.WARNING: "Should be looked at: Bearman goes on, in another way or for now.",
    Severity.NOTE: "Good to know.",
}


def page() -> str:
    """Return docs/issues.md: a table of contents by area, then each entry."""
    severities = "".join(f"| {name} | {words} |\n" for name, words in _SEVERITIES.items())
    filled = {title: entries for title, entries in AREAS.items() if entries}
    contents = "".join(_contents(*area) for area in filled.items())
    return _HEAD + severities + contents + "".join(_area(*area) for area in filled.items())


def anchor(code: str) -> str:
    """Return the name under which a page has an entry, such as `wire-003`."""
    return code.lower()


def _contents(title: str, entries: tuple[Issue, ...]) -> str:
    lines = "".join(
        f"- [{each.code}](#{anchor(each.code)}) {_md(each.title)}\n" for each in entries
    )
    return f"\n**[{title}](#{_slug(title)})**\n\n{lines}"


def _area(title: str, entries: tuple[Issue, ...]) -> str:
    return f"\n## {title}\n" + "".join(map(_entry, entries))


def _entry(entry: Issue) -> str:
    """Return one entry; its title alone would be an anchor that changes with the words."""
    return (
        f'\n<a id="{anchor(entry.code)}"></a>\n'
        f"### {entry.code} {_md(entry.title)}\n\n"
        f"*{entry.severity}*\n\n{_md(entry.meaning)}\n\n**What to do:** {_md(entry.advice)}\n"
    )


def _slug(title: str) -> str:
    """Return the anchor that a Markdown heading has by itself."""
    return re.sub(r"[^a-z0-9-]", "", title.lower().replace(" ", "-"))


def _md(text: str) -> str:
    """Return text in which Markdown sees code and nothing else."""
    parts = text.split("`")
    safe = [
        part if number % 2 else re.sub(r"([*_<>])", r"\\\1", part)
        for number, part in enumerate(parts)
    ]
    return "`".join(safe)
