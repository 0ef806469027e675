"""`publish`, `pack`, `sign` and `key`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from image_builder import keys, manifest, pack, publish, show, store
from image_builder.options import (
    JsonOption,
    OutputOption,
    PromoteOption,
    ServerOption,
    connection,
)
from image_builder.progress import Progress
from image_builder.settings import Settings
from image_builder.store_verbs import ImageArgument


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("publish")(publish_image)
    app.command("pack")(pack_image)
    app.command()(sign)
    app.command()(key)


def publish_image(
    image: ImageArgument,
    *,
    promote: PromoteOption = False,
    output: OutputOption = None,
    server: ServerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Upload an image, and make it known to Bearman.

    What Bearman has already is not sent again.
    """
    stored = store.find(output or Settings().images, image)
    progress = Progress(as_json=as_json)
    options = connection(server, progress)
    done = publish.run(options, stored, promote=promote, progress=progress)
    show.built(stored, is_new=False, published=done, as_json=as_json)


def pack_image(
    name: Annotated[str, typer.Argument(help="Name of the image.")],
    *,
    kernel: Annotated[Path, typer.Option(metavar="FILE", help="What boots first.")],
    initramfs: Annotated[Path, typer.Option(metavar="FILE", help="What the kernel starts.")],
    root: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A squashfs, where the system has one.")
    ] = None,
    version: Annotated[
        str, typer.Option(metavar="V", help="Its version; else the day and a number.")
    ] = "",
    kind: Annotated[str, typer.Option(help="stage-one, stage-two or other.")] = "other",
    append: Annotated[str, typer.Option(help="Kernel arguments of the image.")] = "",
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a signed image of files from elsewhere.

    Those of a distribution's installer, for example.
    """
    settings = Settings()
    files = {"kernel": kernel, "initramfs": initramfs} | ({"root": root} if root else {})
    foreign = pack.Foreign(name=name, version=version, kind=kind, append=append, files=files)
    stored = pack.run(foreign, settings, (output or settings.images).absolute())
    show.built(stored, is_new=True, published=None, as_json=as_json)


def sign(image: ImageArgument, *, output: OutputOption = None, as_json: JsonOption = False) -> None:
    """Verify an image, and sign it anew with this machine's key."""
    settings = Settings()
    stored = store.find(output or settings.images, image)
    store.verify(stored)
    signature = keys.sign(keys.load(settings.keys), (stored.folder / manifest.NAME).read_bytes())
    keys.write(stored.folder / manifest.SIGNATURE, signature, 0o644)
    if as_json:
        print(json.dumps({"image": str(stored), "signed_by": show.signed_by(stored)}))
    else:
        print(f"{stored} is signed by {show.signed_by(stored)}.")


def key(*, as_json: JsonOption = False) -> None:
    """Show the key that signs images, made where there is none."""
    folder = Settings().keys
    private, is_new = keys.ensure(folder)
    number = keys.key_id(private.public_key())
    text = keys.public_pem(private.public_key()).decode()
    if as_json:
        print(json.dumps({"id": number, "public": text, "folder": str(folder), "made": is_new}))
        return
    print(f"Key {number}{', made just now' if is_new else ''}, in {folder / keys.PRIVATE}")
    print(
        f"The public key, for BEARMAN_IMAGE_KEYS of the server ({keys.PUBLIC}):\n\n{text}", end=""
    )
