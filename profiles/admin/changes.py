"""What a change of a profile is, in words and as differences of texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from bearman.pages import NOTHING
from profiles.admin.form import ProfileForm
from profiles.models import Profile
from profiles.services.preview import Preview

TEXTS = frozenset({"install_script", "config_body", "notes"})
MOST_LINES = 2000  # shown of a difference
_TONES = {"+": "added", "-": "removed", "@": "place"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A thing that changes: from `before` to `after`, or for texts line by line."""

    name: str
    before: str = ""
    after: str = ""
    lines: tuple[tuple[str, str], ...] = ()


def field_differences(form: ProfileForm, before: Profile) -> list[Difference]:
    """Return what the form would change, field by field."""
    names = [name for name in form.changed_data if name != "read_version"]
    return [_field(name, form, before) for name in names]


def rendered_differences(before: Preview, after: Preview) -> list[Difference]:
    """Return how the configuration's files change."""
    names = sorted({*before.files, *after.files})
    pairs = ((name, before.files.get(name, ""), after.files.get(name, "")) for name in names)
    return [text_difference(*pair) for pair in pairs if pair[1] != pair[2]]


def text_difference(name: str, before: str, after: str) -> Difference:
    """Return the difference of two texts of several lines."""
    old, new = (text.replace("\r\n", "\n").splitlines() for text in (before, after))
    found = list(unified_diff(old, new, "before", "after", lineterm="", n=3))[2:]
    lines = [(_TONES.get(line[:1], "same"), line) for line in found[:MOST_LINES]]
    if len(found) > MOST_LINES:
        lines.append(("place", f"and {len(found) - MOST_LINES} lines more"))
    if not found:
        lines.append(("place", "Only the ends of lines change."))
    return Difference(name, lines=tuple(lines))


def _field(name: str, form: ProfileForm, before: Profile) -> Difference:
    label = str(form.fields[name].label or name)
    old, new = getattr(before, name), form.cleaned_data[name]
    if name in TEXTS:
        return text_difference(label, old, new)
    return Difference(label, _words(old), _words(new))


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in (None, "") else NOTHING


def unlike(pairs: Iterable[tuple[str, str, str]]) -> list[Difference]:
    """Return a difference for each (name, before, after) where there is one."""
    return [Difference(name, a or NOTHING, b or NOTHING) for name, a, b in pairs if a != b]
