"""Builds an image: from a recipe to a folder with artefacts, manifest and signature."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from image_builder import inputs, keys, provision, store, workspace
from image_builder.inputs import Inputs
from image_builder.manifest import Manifest
from image_builder.progress import Progress
from image_builder.recipe import Recipe
from image_builder.settings import Settings
from image_builder.store import Stored


@dataclass
class Order:
    """What is to be built, and how."""

    recipe: Recipe
    settings: Settings
    progress: Progress
    version: str = ""
    force: bool = False
    keep: bool = False
    socket: Path | None = None  # of an LXD that runs already
    output: Path | None = None
    tools: dict[str, str] = field(default_factory=dict)

    @property
    def images(self) -> Path:
        """The store that the image goes into."""
        return self.output or self.settings.images


def run(order: Order) -> tuple[Stored, bool]:
    """Build it, unless the store has an image of the same inputs; returns whether it was built."""
    key, is_new = keys.ensure(order.settings.keys)
    if is_new:
        order.progress.note(
            f"Made a signature key, {order.settings.keys / keys.PRIVATE}: keep a copy. Give "
            f"{keys.PUBLIC} to the server (docs/images.md)."
        )
    version = order.version or store.next_version(order.images, order.recipe.name)
    target = store.target_of(order.images, order.recipe.name, version)
    with order.progress.step("Inputs"):
        found = inputs.collect(order.recipe, order.settings)
    if found.stale:
        order.progress.note(
            f"Taken as they were the last time, for they cannot be asked: {found.stale}."
        )
    if not order.force and (known := _same(order, found)):
        order.progress.note(f"Nothing has changed since {known}: it is used as it is.")
        return known, False
    provision.require(order)
    with workspace.opened(order.settings.work) as work, store.part(target) as part:
        workspace.require_space(part, workspace.NEEDED // 4)
        packages = provision.run(order, found, work, part)
        with order.progress.step("Manifest, verified and signed"):
            manifest = _manifest(order, found, part, version, packages)
            return store.finish(part, target, manifest, key), True


def _same(order: Order, found: Inputs) -> Stored | None:
    """A complete image of the same inputs; of the version that was asked for, where one was."""
    for each in store.versions(order.images, order.recipe.name):
        fits = order.version in {"", each.manifest.version}
        if fits and each.manifest.more.get("inputs") == found.digest and each.is_complete():
            return each
    return None


def _manifest(order: Order, found: Inputs, part: Path, version: str, packages: int) -> Manifest:
    recipe = order.recipe
    return Manifest(
        name=recipe.name,
        version=version,
        kind=recipe.kind,
        recipe=recipe.name,
        revision=inputs.revision(),
        built_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        append=recipe.append,
        files=store.describe(part),
        more={
            "base": {"from": str(recipe.base), "key": found.base},
            "epoch": found.epoch,
            "inputs": found.digest,
            "packages": packages,
            "pins": found.pins,
            "steps": order.progress.seconds,
            "tools": order.tools,
        },
    )
