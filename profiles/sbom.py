"""Lists of packages: SPDX 2.3 as JSON (https://spdx.github.io/spdx-spec/v2.3/). No Django."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_BYTES = 64 * 1024 * 1024
MAX_PACKAGES = 50_000
MAX_TEXT = 200  # characters of a name or a version
_NOT_PLAIN = re.compile(r"[^ -~]")


@dataclass(frozen=True, slots=True)
class Change:
    """A package that is not the same in two images; empty where an image does not have it."""

    name: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """added, removed or changed."""
        if not self.before:
            return "added"
        return "changed" if self.after else "removed"


def packages(data: bytes) -> dict[str, str]:
    """Return the version of each package by name; raises ValueError with a clause on what is wrong.

    One that is there more than once, such as for two architectures or as two kernels, has all its
    versions with commas between them. What describes the image itself is no package of it.
    """
    found = _parsed(data)
    entries = found.get("packages")
    if not isinstance(entries, list) or len(entries) > MAX_PACKAGES:
        raise ValueError(f"it has no list of at most {MAX_PACKAGES} packages")
    itself = _described(found)
    versions: dict[str, set[str]] = {}
    for entry in entries:
        if not isinstance(entry, dict):
            raise ValueError("a package is not a mapping")
        if entry.get("SPDXID") not in itself:
            versions.setdefault(_text(entry, "name"), set()).add(_text(entry, "versionInfo"))
    return {name: ", ".join(sorted(some))[:MAX_TEXT] for name, some in sorted(versions.items())}


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """Return what is not the same in two lists, by name."""
    names = sorted({*before, *after})
    found = (Change(name, before.get(name, ""), after.get(name, "")) for name in names)
    return [change for change in found if change.before != change.after]


def _parsed(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES} bytes")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(found, dict) or not str(found.get("spdxVersion", "")).startswith("SPDX-2."):
        raise ValueError("it is not SPDX 2 in JSON")
    return found


def _described(found: dict[str, Any]) -> set[str]:
    """Return the identifiers of what the document is about (SPDX 2.3 clauses 6 and 11)."""
    named = found.get("documentDescribes")
    itself = {name for name in named if isinstance(name, str)} if isinstance(named, list) else set()
    relations = found.get("relationships")
    for relation in relations if isinstance(relations, list) else ():
        if isinstance(relation, dict) and relation.get("relationshipType") == "DESCRIBES":
            element = relation.get("relatedSpdxElement")
            if isinstance(element, str):
                itself.add(element)
    return itself


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key, "" if key == "versionInfo" else None)
    if not isinstance(value, str) or (not value and key == "name"):
        raise ValueError(f"a package has no {key}")
    plain = _NOT_PLAIN.sub("_", value)[:MAX_TEXT]
    return plain or "unknown"
