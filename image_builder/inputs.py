"""All that goes into an image, as one hash: the same inputs, the same image."""

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from image_builder import bases, keys, pins, tree_hash, wheels
from image_builder.errors import BuildError, wrong_usage
from image_builder.exit_codes import ExitCode
from image_builder.recipe import Mmdebstrap, Recipe
from image_builder.settings import CHECKOUT, PACKAGE, Settings

# The parts of this program that shape what is in an image.
SHAPING = ("bases.py", "clean.sh", "normal_tar.py", "sbom.py", "squash.py")
SOURCES = ("image_builder", "boot_scripts", "bearman_cli", "protos")
FALLBACK = 1_767_225_600  # 2026-01-01, where nothing else says a time


@dataclass(frozen=True)
class Inputs:
    """What was found: the hash, the archives' state, and the newest time a file may have."""

    digest: str
    pins: dict[str, str]
    epoch: int  # seconds since 1970
    base: str  # the key of a base that is made here, or nothing
    stale: str  # why the state of the archives is that of last time; empty where it is today's


def collect(recipe: Recipe, settings: Settings) -> Inputs:
    """Read and hash everything; raises BuildError where an archive was never reached."""
    found, newest, stale = _pins(recipe, settings.cache / "pins")
    epoch = recipe.epoch if recipe.epoch is not None else newest or FALLBACK
    base = ""
    if isinstance(recipe.base, Mmdebstrap):
        base = bases.digest(recipe.base, found, epoch)
    parts = {
        "recipe": hashlib.sha256(recipe.text).hexdigest(),
        "ansible": tree_hash.of(settings.ansible),
        "boot_scripts": tree_hash.of(settings.boot_scripts),
        "wheels": wheels.digest(recipe.python) if recipe.python else "",
        "builder": [tree_hash.of(PACKAGE / name) for name in SHAPING],
        "ca": ca_of(settings),
        "keys": [path.read_text() for path in keys.public_keys(settings.keys)],
        "pins": found,
        "base": base,
        "epoch": epoch,
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return Inputs(digest, found, epoch, base, stale)


def ca_of(settings: Settings) -> str:
    """The CA that nodes are to trust, as PEM; empty where none is set."""
    if settings.ca is None:
        return ""
    try:
        text = settings.ca.read_text("utf-8", "replace")
    except OSError as error:
        raise wrong_usage(
            f"The CA file {settings.ca} cannot be read: {error.strerror}.", "Check BEARMAN_CA."
        ) from None
    if "-----BEGIN CERTIFICATE-----" not in text:  # RFC 7468 section 5.1
        raise wrong_usage(f"The CA file {settings.ca} holds no certificate in PEM form.")
    return text


def _pins(recipe: Recipe, folder: Path) -> tuple[dict[str, str], int, str]:
    """Today's state of the archives, or that of last time where one does not answer."""
    kept = folder / f"{hashlib.sha256(repr(recipe.base).encode()).hexdigest()[:32]}.json"
    try:
        found, newest = pins.of(recipe)
    except pins.Unreachable as error:
        try:
            found, newest = json.loads(kept.read_text())
        except (OSError, ValueError):
            raise BuildError(
                ExitCode.NO_BASE,
                f"The base {recipe.base} cannot be had: {error}.",
                "Check the network, and `base` in the recipe.",
            ) from None
        return found, newest, str(error)
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps([found, newest]))
    return found, newest, ""


def revision() -> str:
    """The Git revision, with `-dirty` where files that matter are changed; empty without Git."""
    head = _git("rev-parse", "--short=12", "HEAD")
    changed = head and _git("status", "--porcelain", "--", *SOURCES)
    return f"{head}-dirty" if changed else head


def _git(*words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(CHECKOUT), *words], check=False, capture_output=True
        )
    except OSError:
        return ""
    return done.stdout.decode().strip() if done.returncode == 0 else ""
