"""A profile as a machine would get it, for a person to look at; nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from django.conf import settings

from bearman import storage
from bearman.lib.errors import NotFound
from profiles import checks, formats, template
from profiles.arguments import merged, root_digest
from profiles.facts import Facts
from profiles.ipxe import argument
from profiles.models import Image, Profile
from profiles.rendering import config_files
from profiles.selectors import image_of
from profiles.services.profiles import profile_problems
from profiles.shell import MAX_SCRIPT

MAX_TEXT = MAX_SCRIPT  # characters of a field that is still looked at
Problems = dict[str, list[str]]
Found = TypeVar("Found")


@dataclass(slots=True)
class Preview:
    """What a profile renders to. `problems` are those of its fields, by name.

    `append` is the profile's own part of the kernel command line, `added` what Bearman adds to it
    then. `refused` is what `checker` says against `files`; no name: that checker is not installed.
    """

    image: Image | None = None
    append: str = ""
    added: str = ""
    files: dict[str, str] = field(default_factory=dict)
    checker: str = ""
    refused: tuple[str, ...] = ()
    problems: Problems = field(default_factory=dict)

    @property
    def command_line(self) -> str:
        """The whole kernel command line."""
        return f"{self.append} {self.added}".strip()


def profile_preview(*, profile: Profile, facts: Facts) -> Preview:
    """Render a profile, which need not be saved or right, for a machine; raises nothing."""
    shown = Preview(problems=_too_long(profile))
    if shown.problems:
        return shown
    shown.image = _image(profile)
    shown.problems = profile_problems(profile=profile)
    if "append" not in shown.problems:
        _append(shown, profile, facts)
    if "config_body" not in shown.problems:
        _configure(shown, profile, facts)
    return shown


def _append(shown: Preview, profile: Profile, facts: Facts) -> None:
    shown.append = _tried(
        shown.problems, "append", lambda: template.append(profile.append, facts), ""
    )
    if shown.image is not None:
        shown.append = merged(image=shown.image.append, profile=shown.append)
    shown.added = _tried(shown.problems, "append", lambda: _added(profile, shown, facts), "")


def _configure(shown: Preview, profile: Profile, facts: Facts) -> None:
    kind = profile.config_format
    shown.files = _tried(
        shown.problems, "config_body", lambda: config_files(kind, profile.config_body, facts), {}
    )
    if shown.files:
        shown.checker, shown.refused = _checked(kind, tuple(shown.files.items()))


@lru_cache(maxsize=64)
def _checked(kind: str, files: tuple[tuple[str, str], ...]) -> tuple[str, tuple[str, ...]]:
    """Ask the checker, once for the same text: some take a second, and typing goes on."""
    checked = checks.check(kind, dict(files))
    return checked.checker, tuple(checked.problems)


def _added(profile: Profile, shown: Preview, facts: Facts) -> str:
    """Return what a deployment adds; its secrets and numbers are not known yet."""
    door = settings.BOOT_URL if profile.is_installer else settings.PUBLIC_URL
    url = f"{settings.BOOT_URL}/{profile.config_format}/{facts.uuid}/TOKEN"
    words = formats.kernel_arguments(profile.config_format, facts, url)
    if profile.boots_root and shown.image is not None and shown.image.root is not None:
        root = shown.image.root
        fetch = argument("fetch", storage.url(root.path).partition("?")[0])
        words = [fetch, argument("bearman.root", root_digest(root.sha256, root.size)), *words]
    return " ".join(
        [
            *words,
            argument("bearman.url", door),
            argument("bearman.uuid", facts.uuid or "UUID"),
            argument("bearman.nonce", "NONCE"),
        ]
    )


def _tried(problems: Problems, name: str, call: Callable[[], Found], otherwise: Found) -> Found:
    try:
        return call()
    except ValueError as error:
        problems.setdefault(name, []).append(f"{str(error).rstrip('.')}.")
        return otherwise


def _image(profile: Profile) -> Image | None:
    try:
        return image_of(profile)
    except NotFound:
        return None


def _too_long(profile: Profile) -> Problems:
    names = ("append", "install_script", "config_body")
    return {
        name: [f"It is over {MAX_TEXT // 1024} KiB, and so not looked at."]
        for name in names
        if len(getattr(profile, name)) > MAX_TEXT
    }
