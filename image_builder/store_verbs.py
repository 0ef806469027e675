"""`list`, `show`, `verify`, `diff` and `prune`: what is in the local store."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from bearman_cli import confirm, render
from image_builder import diff, prune, publish, show, store
from image_builder.errors import BuildError, wrong_usage
from image_builder.exit_codes import ExitCode
from image_builder.options import JsonOption, OutputOption, ServerOption, connection
from image_builder.progress import Progress
from image_builder.settings import Settings
from image_builder.store import Stored

ImageArgument = Annotated[
    str, typer.Argument(metavar="IMAGE", help="NAME (the newest), NAME/VERSION, or a folder.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list")(list_images)
    app.command("show")(show_image)
    app.command()(verify)
    app.command("diff")(diff_images)
    app.command("prune")(prune_images)


def list_images(*, output: OutputOption = None, as_json: JsonOption = False) -> None:
    """List the images in the store, the newest version of each first."""
    folder = output or Settings().images
    found = store.versions(folder)
    if as_json:
        print(json.dumps([show.as_dict(each) for each in found]))
    elif found:
        rows = [
            (
                each.manifest.name,
                each.manifest.version,
                each.manifest.kind,
                render.disk(each.manifest.size),
                each.manifest.built_at,
                show.signed_by(each) or "-",
            )
            for each in found
        ]
        titles = ("IMAGE", "VERSION", "KIND", "SIZE", "BUILT", "SIGNED BY")
        render.write(render.Table(titles, rows, whole=(0, 1)))
    else:
        print(f"{folder} has no images yet. `python -m image_builder recipes` says what to build.")


def show_image(
    image: ImageArgument, *, output: OutputOption = None, as_json: JsonOption = False
) -> None:
    """Show an image: its files, origin, and steps with their times."""
    stored = store.find(output or Settings().images, image)
    if as_json:
        print(json.dumps(show.as_dict(stored)))
    else:
        show.whole(stored)


def verify(
    image: ImageArgument, *, output: OutputOption = None, as_json: JsonOption = False
) -> None:
    """Check every file of an image, and who signed it.

    A manifest that no key in BEARMAN_IMAGE_KEYS_DIR has signed is an error, too.
    """
    stored = store.find(output or Settings().images, image)
    store.verify(stored)
    signer = show.signed_by(stored)
    if not signer:
        raise _unsigned(stored, Settings().keys)
    if as_json:
        print(json.dumps({"image": str(stored), "signed_by": signer}))
    else:
        print(f"{stored} is what its manifest says; signed by {signer}.")


def _unsigned(stored: Stored, folder: Path) -> BuildError:
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        return wrong_usage(f"The keys in {folder} cannot be read.", "Run it as their owner.")
    return BuildError(
        ExitCode.DENIED,
        f"{stored} is what its manifest says, but no key of this machine signed that.",
        f"Was it changed? Else put the public key of its builder into {folder}, or `sign` it.",
    )


def diff_images(
    before: ImageArgument,
    after: ImageArgument,
    *,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two images: packages added, removed, changed; sizes."""
    folder = output or Settings().images
    old, new = store.find(folder, before), store.find(folder, after)
    changes, sizes = diff.packages(old, new), diff.sizes(old, new)
    if as_json:
        rows = [vars(each) | {"change": each.kind} for each in changes]
        print(json.dumps({"before": str(old), "after": str(new), "packages": rows, "sizes": sizes}))
        return
    if changes:
        table = [(each.name, each.kind, each.before, each.after) for each in changes]
        render.write(render.Table(("PACKAGE", "CHANGE", "BEFORE", "AFTER"), table, whole=(0,)))
        print()
    table = [
        (kind, render.disk(one), render.disk(two), f"{two - one:+,}")
        for kind, (one, two) in sizes.items()
    ]
    render.write(render.Table(("FILE", "BEFORE", "AFTER", "BYTES"), table, whole=(0, 3)))
    kinds = [each.kind for each in changes]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("added", "removed", "changed"))
    print(f"\nPackages from {old} to {new}: {counts}.")


def prune_images(
    *,
    keep: Annotated[int, typer.Option(min=1, help="Versions of each image to keep.")] = 3,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would go, and what that frees.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    output: OutputOption = None,
    server: ServerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Remove old versions, and what the cache no longer needs.

    Where Bearman is named, what is current there stays too. Bearman's own copies are never touched.
    """
    settings, progress = Settings(), Progress(as_json=as_json)
    current = publish.current(connection(server, progress)) if server else set()
    items = prune.old_versions(output or settings.images, keep=keep, current=current)
    items += prune.old_cache(settings)
    freed = sum(item.size for item in items)
    if as_json:
        rows = [{"what": item.label, "bytes": item.size} for item in items]
        print(json.dumps({"removed": rows, "bytes": freed, "dry_run": dry_run}))
    elif items:
        render.write(
            render.Table(("WHAT", "SIZE"), [(i.label, render.disk(i.size)) for i in items])
        )
    if not items:
        if not as_json:
            print("There is nothing to remove.")
        return
    if not dry_run:
        confirm.require(f"Remove all of that ({render.disk(freed)})?", yes=yes or as_json)
        prune.remove(items)
    if not as_json:
        print(f"{'That would free' if dry_run else 'Freed'} {render.disk(freed)}.")
