"""Shows an image: its files, what it was built from, and how long each step took."""

import json

from bearman_cli import render
from image_builder import keys, manifest
from image_builder.publish import Published
from image_builder.settings import Settings
from image_builder.store import Stored


def as_dict(stored: Stored) -> dict[str, object]:
    """The manifest, with where the image is and who signed it."""
    return {
        **json.loads((stored.folder / manifest.NAME).read_text()),
        "folder": str(stored.folder),
        "signed_by": signed_by(stored),
    }


def signed_by(stored: Stored) -> str:
    """The id of the key of this machine that signed it; empty where none of them did."""
    try:
        signature = (stored.folder / manifest.SIGNATURE).read_bytes()
    except OSError:
        return ""
    data = (stored.folder / manifest.NAME).read_bytes()
    return keys.signer(data, signature, Settings().keys)


def built(stored: Stored, *, is_new: bool, published: Published | None, as_json: bool) -> None:
    """The result of `build`, on stdout."""
    if as_json:
        value = as_dict(stored) | {"built": is_new}
        if published:
            value |= {"published": published.is_new, "current": published.image.current}
        print(json.dumps(value))
        return
    files(stored)
    print(f"\n{stored} {'is' if is_new else 'was already'} in {stored.folder}")
    if published:
        state = "the current version" if published.image.current else "not the current version"
        print(f"Bearman knows it; it is {state}.")


def whole(stored: Stored) -> None:
    """The result of `show`, on stdout."""
    found = stored.manifest
    base = found.more.get("base")
    rows = [
        ("image", str(stored)),
        ("kind", found.kind),
        ("built", found.built_at),
        ("recipe", " ".join(filter(None, (found.recipe, found.revision)))),
        ("base", str(base.get("from", "")) if isinstance(base, dict) else ""),
        ("packages", str(found.more.get("packages", ""))),
        ("append", found.append),
        ("signed by", signed_by(stored) or "no key of this machine"),
        ("folder", str(stored.folder)),
    ]
    render.write(render.Table((), rows))
    print()
    files(stored)
    steps = found.more.get("steps")
    if isinstance(steps, dict):
        print()
        numbers = {k: v for k, v in steps.items() if isinstance(v, int | float)}
        ordered = sorted(numbers.items(), key=lambda item: item[1], reverse=True)
        render.write(render.Table(("STEP", "SECONDS"), [(k, f"{v:.1f}") for k, v in ordered]))


def files(stored: Stored) -> None:
    """Its files, with sizes and SHA-256."""
    rows = [
        (kind, file.name, render.disk(file.size), file.sha256)
        for kind, file in sorted(stored.manifest.files.items())
    ]
    rows.append(("", "all", render.disk(stored.manifest.size), ""))
    render.write(render.Table(("FILE", "NAME", "SIZE", "SHA-256"), rows, whole=(3,)))
