"""Recipes and roles as they are on disk: what Ansible says of them, and what they promise."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from image_builder import recipe_load
from image_builder.settings import Settings
from profiles.bundle import bundle as published
from tests.boot_scripts.machine import BOOT_SCRIPTS

SETTINGS = Settings()
ROLES = SETTINGS.ansible / "roles"
LIST = ROLES / "kernel/files/kernel-modules.txt"
NAMES = recipe_load.names(SETTINGS.recipes)
HERE = Path(__file__).parent / "recipes"


def program(name: str) -> str:
    """Path of a program of this virtual environment."""
    return str(Path(sys.executable).with_name(name))


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of Ansible without a terminal, and without what is set up on this machine."""
    env = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_ROLES_PATH": str(ROLES),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }
    return subprocess.run(
        command, cwd=SETTINGS.ansible, env=env, check=False, capture_output=True, text=True
    )


@pytest.mark.images  # it takes minutes on a busy computer
@pytest.mark.timeout(900)
def test_ansible_lint_has_nothing_to_say_of_the_roles(tmp_path: Path) -> None:
    ended = run([program("ansible-lint"), "--offline", "--profile", "production"], tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_playbook_of_each_recipe_is_one(name: str, tmp_path: Path) -> None:
    recipe = recipe_load.load(SETTINGS.recipes, name)
    variables = json.dumps({"bearman_roles": list(recipe.roles), **recipe.variables})
    command = [program("ansible-playbook"), "--syntax-check", "-i", "image,"]
    ended = run([*command, "-e", variables, "playbook.yml"], tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert all((ROLES / role / "tasks/main.yml").is_file() for role in recipe.roles)


@pytest.mark.parametrize("path", sorted(HERE.glob("*.yml")), ids=lambda path: path.stem)
def test_the_recipes_of_the_tests_are_recipes(path: Path) -> None:
    assert recipe_load.load(HERE, str(path)).name == path.stem


def test_the_recipes_that_the_product_has() -> None:
    assert NAMES == [
        "centos-stream-9",
        "debian-12",
        "stage-one",
        "stage-one-centos-10",
        "stage-one-centos-9",
        "ubuntu-24.04",
    ]


def test_each_variable_of_a_recipe_is_one_that_a_role_has() -> None:
    known = {name for path in ROLES.glob("*/defaults/main.yml") for name in defaults(path)}
    for name in NAMES:
        recipe = recipe_load.load(SETTINGS.recipes, name)
        assert set(recipe.variables) <= known, name


def defaults(path: Path) -> Iterator[str]:
    """Names of the variables that a role has."""
    for line in path.read_text().splitlines():
        if line[:1].isalpha():
            yield line.split(":")[0]


@pytest.mark.parametrize("script", ["autorun", "bearman-install"])
def test_the_roles_bundle_a_script_as_the_server_publishes_it(script: str, tmp_path: Path) -> None:
    play = f"""
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        dest: {tmp_path}/bundled
        content: "{{{{ '{BOOT_SCRIPTS / script}' | bearman_bundle }}}}"
        mode: "0644"
"""
    (tmp_path / "play.yml").write_text(play)
    shutil.copytree(SETTINGS.ansible / "filter_plugins", tmp_path / "filter_plugins")
    ended = run([program("ansible-playbook"), "-i", "localhost,", "-c", "local",
                 "-e", f"ansible_python_interpreter={sys.executable}",
                 str(tmp_path / "play.yml")], tmp_path)  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / "bundled").read_bytes() == published(script, BOOT_SCRIPTS)


def test_each_line_of_the_list_of_modules_says_where_and_why() -> None:
    lines = [line for line in LIST.read_text().splitlines() if line and line[0] != "#"]
    seen: list[str] = []
    for line in lines:
        where, rest = line.split(maxsplit=1)
        modules, _, why = rest.partition("  ")
        assert where in ("initramfs", "system"), line
        assert why.strip(), line
        seen += modules.split()
    assert len(seen) == len(set(seen)) > 100
