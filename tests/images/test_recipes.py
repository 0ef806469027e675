"""Recipes: read strictly, and every fault told in a sentence."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from image_builder import recipe_load
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.recipe import Mmdebstrap, Recipe, ServerImage
from image_builder.settings import Settings

GOOD = {
    "name": "small",
    "title": "A small system",
    "kind": "stage-two",
    "base": {"mmdebstrap": {"suite": "bookworm"}},
    "roles": ["base"],
    "append": "boot=live",
    "kernel": "/boot/vmlinuz-*",
    "initramfs": "/boot/initrd.img-*",
}


def read(folder: Path, **changes: object) -> Recipe:
    (folder / "small.yml").write_text(yaml.safe_dump(GOOD | changes))
    return recipe_load.load(folder, "small")


def refused(folder: Path, **changes: object) -> str:
    with pytest.raises(BuildError) as caught:
        read(folder, **changes)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value.message


def test_every_recipe_of_the_project_can_be_read() -> None:
    folder = Settings().recipes
    for name in recipe_load.names(folder):
        recipe = recipe_load.load(folder, name)
        assert recipe.name == name
        recipe_load.require_roles(recipe, Settings().ansible)


def test_what_a_recipe_leaves_out_has_a_default(tmp_path: Path) -> None:
    recipe = read(tmp_path)
    assert isinstance(recipe.base, Mmdebstrap)
    assert recipe.base.sources == ("deb http://deb.debian.org/debian bookworm main",)
    assert "udev" in recipe.base.all_packages
    assert recipe.squashfs.level == 3
    assert recipe.epoch is None


def test_a_base_may_come_from_an_image_server(tmp_path: Path) -> None:
    recipe = read(tmp_path, base={"image": {"alias": "centos/9-Stream"}})
    assert recipe.base == ServerImage(alias="centos/9-Stream")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    message = refused(tmp_path, kind="stage-3", roles=[], colour="red")
    assert "has 3 faults" in message
    assert "`kind` must be stage-one or stage-two, not 'stage-3'." in message
    assert "`roles` must be a list" in message
    assert "`colour` means nothing in a recipe." in message


def test_a_misspelt_key_is_told_with_the_right_one(tmp_path: Path) -> None:
    message = refused(tmp_path, squashfs={"compresion": "xz"})
    assert "`squashfs.compresion` means nothing in a recipe; did you mean `compression`?" in message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base": {}}, "`base` must have either `mmdebstrap` or `image`."),
        ({"base": {"mmdebstrap": {}}}, "`base.mmdebstrap.suite` is missing"),
        ({"base": {"mmdebstrap": {"suite": "x; reboot"}}}, "`base.mmdebstrap.suite` must be"),
        ({"kernel": "/boot/$(reboot)"}, "`kernel` must be a path"),
        ({"python": 3.11}, '`python` must be a version in quotes, such as "3.11", not 3.11.'),
        ({"append": "fetch=http://x/"}, "Bearman itself sets fetch"),
        ({"append": "a || shell"}, "`||` would end a command of iPXE"),
        ({"variables": {"bearman_ca": "x"}}, "`variables.bearman_ca` is one that the builder sets"),
        ({"squashfs": {"level": 99}}, "`squashfs.level` must be a whole number from 1 to 22"),
        (
            {"variables": {"a": date(2026, 11, 24)}},
            "`variables.a` must be of texts, numbers, lists",
        ),
        ({"base": None}, "has a fault: `base` must have either `mmdebstrap` or `image`."),
        ({"name": "other"}, "`name` must be that of the file, small, not other."),
    ],
)
def test_a_fault_is_told_in_a_sentence(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    assert words in refused(tmp_path, **changes)


def test_an_unknown_recipe_is_told_with_near_names(tmp_path: Path) -> None:
    read(tmp_path)
    with pytest.raises(BuildError) as caught:
        recipe_load.load(tmp_path, "smal")
    assert caught.value.exit_code is ExitCode.NOT_FOUND
    assert caught.value.advice == "Did you mean small?"


@pytest.mark.parametrize("name", ["../recipes/small", "", "a/b", "x" * 300, "small\n"])
def test_a_name_that_no_recipe_can_have_is_not_looked_for(tmp_path: Path, name: str) -> None:
    read(tmp_path)
    with pytest.raises(BuildError, match="There is no recipe") as caught:
        recipe_load.load(tmp_path, name)
    assert caught.value.exit_code is ExitCode.NOT_FOUND


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "is not YAML: "),
        ("name: small\nname: small", "is not YAML: `name` is there twice"),
        ("variables: {since: 2026-13-24}", "is not YAML: month must be in 1..12."),
        ("[" * 20_000, "is not YAML: it is nested too deeply."),
        ("", "must be a mapping of names to values."),
        ("- name: small", "must be a mapping of names to values."),
        ("#" * 70_000, "has over 65536 bytes."),
    ],
)
def test_what_is_no_recipe_is_told(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "small.yml").write_text(text)
    with pytest.raises(BuildError, match=re.escape(words)) as caught:
        recipe_load.load(tmp_path, "small")
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_role_that_is_not_there_is_told_before_anything_is_built(tmp_path: Path) -> None:
    recipe = read(tmp_path, roles=["base", "kernal"])
    with pytest.raises(BuildError, match="has the role 'kernal', which is not in") as caught:
        recipe_load.require_roles(recipe, Settings().ansible)
    assert (caught.value.exit_code, caught.value.advice) == (ExitCode.USAGE, "Did you mean kernel?")
