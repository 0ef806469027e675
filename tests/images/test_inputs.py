"""What counts as the same image: whatever goes into one changes its hash, and nothing else does."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from image_builder import build, inputs, keys, manifest, recipe_load, store
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.inputs import Inputs
from image_builder.progress import Progress
from image_builder.settings import PACKAGE, Settings
from tests.images.test_recipes import GOOD
from tests.images.test_refusals import archive
from tests.images.test_store import packed

__all__ = ["archive"]  # a fixture
INDEX = "archive/dists/bookworm/InRelease"


@dataclass
class Folders:
    """Copies of all that goes into an image."""

    root: Path

    @property
    def settings(self) -> Settings:
        return Settings(
            images=self.root / "images",
            keys=self.root / "keys",
            recipes=self.root / "recipes",
            ansible=self.root / "ansible",
            boot_scripts=self.root / "boot_scripts",
        )

    def collect(self) -> Inputs:
        return inputs.collect(recipe_load.load(self.root / "recipes", "small"), self.settings)

    def add(self, name: str, text: str) -> None:
        """Write at the end of a file."""
        with (self.root / name).open("a") as file:
            file.write(text)

    def remember_key(self, name: str) -> None:
        keys.make(self.root / name)
        shutil.copy(self.root / name / keys.PUBLIC, self.root / "keys" / f"{name}.pem")


@pytest.fixture
def folders(tmp_path: Path, archive: str, monkeypatch: pytest.MonkeyPatch) -> Folders:
    """All that goes into a small image."""
    made = Folders(tmp_path)
    for name in ("ansible/roles/base/tasks", "boot_scripts", "keys", "recipes"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("ansible/roles/base/tasks/main.yml", "boot_scripts/autorun"):
        (tmp_path / name).write_text("# any\n")
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    monkeypatch.setenv("BEARMAN_CA", str(tmp_path / "ca.pem"))
    base = {"mmdebstrap": {"suite": "bookworm", "mirror": archive}}
    recipe = GOOD | {"base": base, "python": "3.11"}
    (tmp_path / "recipes/small.yml").write_text(yaml.safe_dump(recipe))
    made.remember_key("first")
    return made


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.add("recipes/small.yml", "# a remark\n"),
        lambda it: it.add("ansible/roles/base/tasks/main.yml", "# a remark\n"),
        lambda it: (it.root / "ansible/roles/base/files").touch(),
        lambda it: it.add("boot_scripts/autorun", "# a remark\n"),
        lambda it: (it.root / "boot_scripts/autorun").chmod(0o755),
        lambda it: it.add("ca.pem", "another\n"),
        lambda it: it.remember_key("second"),
        lambda it: it.add(INDEX, "Codename: other\n"),
    ],
)
def test_whatever_goes_into_an_image_changes_its_hash(
    folders: Folders, change: Callable[[Folders], object]
) -> None:
    before = folders.collect().digest
    change(folders)
    assert folders.collect().digest != before


def test_what_shapes_an_image_in_the_builder_changes_its_hash(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in inputs.SHAPING:
        shutil.copy(PACKAGE / name, folders.root)
    monkeypatch.setattr(inputs, "PACKAGE", folders.root)
    before = folders.collect().digest
    for name in inputs.SHAPING:
        folders.add(name, "# a remark\n")
        after = folders.collect().digest
        assert after != before, name
        before = after


def test_an_image_of_the_same_inputs_is_taken_unless_a_file_of_it_is_missing(
    folders: Folders,
) -> None:
    settings = folders.settings
    folder = packed(settings, name="small").folder
    known = replace(store.read(folder).manifest, more={"inputs": folders.collect().digest})
    (folder / manifest.NAME).write_bytes(known.encode())
    stored = store.read(folder)
    recipe = recipe_load.load(settings.recipes, "small")
    order = build.Order(
        recipe=recipe, settings=settings, progress=Progress(quiet=True), socket=Path("/none")
    )
    assert build.run(order) == (stored, False)
    stored.path("root").write_bytes(b"cut short")
    with pytest.raises(BuildError) as caught:  # it would build
        build.run(order)
    assert caught.value.exit_code is ExitCode.MACHINE


def test_times_and_what_python_keeps_change_nothing(folders: Folders) -> None:
    before = folders.collect()
    script = folders.root / "boot_scripts/autorun"
    script.write_text(script.read_text())
    (folders.root / "boot_scripts/__pycache__").mkdir()
    (folders.root / "boot_scripts/__pycache__/x.pyc").write_text("kept")
    assert folders.collect() == before
    assert before.epoch == 1_795_521_600  # the Date of the archive


def test_an_archive_that_does_not_answer_counts_as_it_was_the_last_time(folders: Folders) -> None:
    before = folders.collect()
    (folders.root / INDEX).rename(folders.root / "away")
    again = folders.collect()
    assert (before.stale, again.digest) == ("", before.digest)
    assert "it answered 404" in again.stale
    shutil.rmtree(folders.root / "images")
    with pytest.raises(BuildError, match="cannot be had") as caught:
        folders.collect()
    assert caught.value.exit_code is ExitCode.NO_BASE
