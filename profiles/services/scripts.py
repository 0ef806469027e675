"""Writes on releases of boot scripts: files go into the storage first, and the row says so last."""

import hashlib
from collections.abc import Iterable, Mapping
from io import BytesIO

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from bearman import __version__, storage
from bearman.lib.errors import Conflict, Invalid, NotFound
from profiles.models import BootScript, ScriptRelease

_LOCK = 0x73637269707473  # "scripts", as an advisory lock's number


def release_publish(
    *,
    contents: Mapping[str, bytes],
    version: str = "",
    actor: str = "",
    unless_withdrawn: bool = False,
) -> tuple[ScriptRelease, bool]:
    """Publish boot scripts together and make them the current ones; true if they were not yet.

    With `unless_withdrawn`, as at a start of Bearman, what somebody went back from stays so.
    Without a version it is Bearman's own with a hash of the contents, so that the same scripts are
    the same release. Raises Invalid for a malformed version, Conflict for one that is known with
    other contents, Unavailable where the storage fails: machines then go on with what was current.
    """
    version = version or _version_of(contents)
    release = ScriptRelease(version=version, published_by=actor[:150])
    try:
        release.clean_fields()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    scripts = [_stored(name, content) for name, content in sorted(contents.items())]
    with transaction.atomic():
        _one_at_a_time()
        release = _known(version, scripts) or _written(release, scripts)
        if unless_withdrawn and release.withdrawn_at is not None:
            return release, False
        changed = _make_current(release, actor)
    return release, changed


def release_roll_back(
    *, version: str = "", actor: str = ""
) -> tuple[ScriptRelease, ScriptRelease | None]:
    """Go back to a release, or to the one before the current; returns it and what it replaced.

    What is gone back from is withdrawn: a further step back passes it over. Raises NotFound for an
    unknown version, Conflict where there is none to go back to.
    """
    with transaction.atomic():
        _one_at_a_time()
        rows = list(ScriptRelease.objects.order_by("-pk"))
        current = next((row for row in rows if row.current), None)
        target = _named(rows, version) if version else _before(rows, current)
        if target == current:
            return target, None
        _make_current(target, actor)
        if current is not None and target.pk < current.pk:
            ScriptRelease.objects.filter(pk=current.pk).update(withdrawn_at=timezone.now())
    return target, current


def _version_of(contents: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        digest.update(f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode())
    return f"{__version__}+{digest.hexdigest()[:10]}"


def _stored(name: str, content: bytes) -> BootScript:
    """Put a script into the storage, under a name with its hash: none overwrites another."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = f"scripts/{sha256[:16]}/{name}"
    storage.store(path, BytesIO(content))
    return BootScript(name=name, sha256=sha256, path=path)


def _known(version: str, scripts: list[BootScript]) -> ScriptRelease | None:
    """Return the release of that version, which must have the same scripts."""
    known = ScriptRelease.objects.filter(version=version).first()
    if known is not None and _hashes(known.scripts.all()) != _hashes(scripts):
        raise Conflict(
            f"Version {version} is published already, with other scripts.",
            advice="Give it another version; `bearman publish_scripts --list` shows all.",
        )
    return known


def _written(release: ScriptRelease, scripts: list[BootScript]) -> ScriptRelease:
    release.save()
    for script in scripts:
        script.release = release
    BootScript.objects.bulk_create(scripts)
    return release


def _one_at_a_time() -> None:
    """Wait until nobody else publishes or goes back; until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _make_current(release: ScriptRelease, actor: str) -> bool:
    """Make it the current one; true if it was not yet."""
    if release.current:
        return False
    ScriptRelease.objects.filter(current=True).update(current=False)
    release.current, release.withdrawn_at = True, None
    release.current_since, release.current_by = timezone.now(), actor[:150]
    release.save()
    return True


def _named(rows: list[ScriptRelease], version: str) -> ScriptRelease:
    for row in rows:
        if row.version == version:
            return row
    raise NotFound(
        f"No release of the boot scripts has the version {version}.",
        advice="`bearman publish_scripts --list` shows all.",
    )


def _before(rows: list[ScriptRelease], current: ScriptRelease | None) -> ScriptRelease:
    """Return the newest before the current one that nobody withdrew; `rows` are newest first."""
    for row in rows:
        if current is not None and row.pk < current.pk and row.withdrawn_at is None:
            return row
    raise Conflict(
        "There is no earlier release of the boot scripts to go back to.",
        advice="Name one: `bearman publish_scripts --list` shows all.",
    )


def _hashes(scripts: Iterable[BootScript]) -> set[tuple[str, str]]:
    return {(script.name, script.sha256) for script in scripts}
