"""Reads on flavors and boot scripts."""

from dataclasses import dataclass

from django.core.files.storage import default_storage

from bearman.lib.errors import NotFound
from profiles.models import BootScript


@dataclass(frozen=True, slots=True)
class ScriptDue:
    """A published boot script: where it lies, and what it must hash to."""

    name: str
    sha256: str
    url: str


def script_due(*, name: str) -> ScriptDue:
    """Return the current version of a boot script; raises NotFound where none is published."""
    script = BootScript.objects.filter(name=name, current=True).first()
    if script is None:
        raise NotFound(
            f"No version of {name} is published.", advice="Run `bearman publish_scripts`."
        )
    return ScriptDue(script.name, script.sha256, default_storage.url(script.path))
