"""Takes the image out of the container: kernel, initramfs, root and the list of packages."""

from pathlib import Path
from typing import TYPE_CHECKING

from image_builder import sbom, squash
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.lxd import Container
from image_builder.manifest import FILE_NAMES
from image_builder.settings import PACKAGE

if TYPE_CHECKING:
    from image_builder.build import Order
    from image_builder.inputs import Inputs

CLEAN = PACKAGE / "clean.sh"


def take_out(
    order: "Order", found: "Inputs", box: Container, wheels: Path | None, part: Path
) -> int:
    """List, clean, stop and export; the artefacts are in `part` then. Returns how many packages."""
    recipe, progress = order.recipe, order.progress
    with progress.step("Packages listed"):
        packages = [*sbom.installed(box), *sbom.wheels(wheels)]
        document = sbom.document(
            packages,
            name=recipe.name,
            namespace=f"https://spdx.org/spdxdocs/{recipe.name}-{found.digest[:32]}",
            epoch=found.epoch,
        )
        (part / FILE_NAMES["sbom"]).write_bytes(document)
    with progress.step("Kernel and initramfs"):
        for kind, pattern in (("kernel", recipe.kernel), ("initramfs", recipe.initramfs)):
            (part / FILE_NAMES[kind]).write_bytes(box.get(only_match(box, kind, pattern)))
    with progress.step("Cleaned"):
        box.check("The clean-up", CLEAN.read_text())
        box.stop()
    export = part / "export.tar"
    try:
        with progress.step("Exported"):
            box.export(export)
        with progress.step("Root packed"):
            squash.make(export, part / FILE_NAMES["root"], recipe.squashfs, found.epoch)
    finally:
        export.unlink(missing_ok=True)
    return len(packages)


def only_match(box: Container, kind: str, pattern: str) -> str:
    """The one file that the pattern matches; a link is followed."""
    # The pattern has been checked when the recipe was read; it is expanded by the shell.
    listing = box.check(
        f"Looking for the {kind}",
        f'for file in {pattern}; do [ ! -f "$file" ] || readlink -f "$file"; done',
    )
    matches = sorted(set(listing.split()))
    if len(matches) == 1:
        return matches[0]
    what = f"{len(matches)} files match: {', '.join(matches)}" if matches else "no file matches"
    raise BuildError(
        ExitCode.FAILED,
        f"`{kind}: {pattern}` of the recipe must match one file, and {what}.",
        "A role must install one kernel with its initramfs.",
    )
