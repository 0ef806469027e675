"""The texts of boot scripts, as they lie in the storage."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bearman import storage
from bearman.lib.errors import BearmanError
from profiles.admin.changes import Difference, text_difference
from profiles.models import BootScript, ScriptRelease

MOST_BYTES = 1024 * 1024  # of one script


@dataclass(frozen=True, slots=True)
class ScriptText:
    """A script with its text, or what is wrong with it."""

    script: BootScript
    text: str = ""
    problem: str = ""


def texts_of(release: ScriptRelease) -> list[ScriptText]:
    """Return a release's scripts with their texts; what cannot be read says why."""
    return [_text(script) for script in release.scripts.all()]


def differences(before: ScriptRelease | None, after: ScriptRelease) -> list[Difference]:
    """Return how each script changes from one release to another; the same ones are left out."""
    old = {found.script.name: found for found in texts_of(before)} if before else {}
    changed = []
    for new in texts_of(after):
        was = old.get(new.script.name)
        if was is None or was.script.sha256 != new.script.sha256:
            changed.append(_difference(was, new))
    return changed


def _difference(was: ScriptText | None, new: ScriptText) -> Difference:
    problem = new.problem or (was.problem if was else "")
    if problem:
        return Difference(new.script.name, lines=(("place", problem),))
    return text_difference(new.script.name, was.text if was else "", new.text)


def _text(script: BootScript) -> ScriptText:
    try:
        content = storage.read(script.path, most=MOST_BYTES)
    except BearmanError as error:
        return ScriptText(script, problem=str(error))
    if hashlib.sha256(content).hexdigest() != script.sha256:
        return ScriptText(
            script,
            problem="The storage has another file under its name: machines refuse it. Run "
            "`bearman publish_scripts`, and look who changed it.",
        )
    return ScriptText(script, content.decode(errors="replace"))
