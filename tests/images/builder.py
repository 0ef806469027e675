"""The program as an operator runs it, on a recipe that takes seconds, and what it left behind."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from tests.images.build import CHECKOUT, STORE

DEBIAN = yaml.safe_load((CHECKOUT / "image_builder/recipes/debian-12.yml").read_text())
# Not a system that boots: what the builder does is the same, and takes seconds.
RECIPE = {
    "name": "tiny",
    "title": "Hardly anything",
    "kind": "stage-two",
    "base": DEBIAN["base"],  # made once for all
    "roles": ["tiny"],
    "kernel": "/etc/debian_version",
    "initramfs": "/etc/os-*",
}
TASKS = [
    {"name": "Make a user", "user": {"name": "tina", "system": True}},
    {"name": "Give a capability", "command": "cp /bin/true /usr/bin/able"},
    {"name": "Make a device", "file": {"path": "/opt/pipe", "state": "directory"}},
]
WAIT = {"name": "Wait for the test", "command": "sleep 300"}
FAIL = {"name": "Fail on purpose", "shell": "echo out of luck; exit 3"}
PLAYBOOK = [{"hosts": "image", "gather_facts": False, "roles": ["tiny"]}]


@dataclass
class Builder:
    """The program, with folders of its own."""

    folder: Path
    work: Path
    started: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def tasks(self, *tasks: object) -> None:
        role = self.folder / "ansible/roles/tiny/tasks"
        role.mkdir(parents=True, exist_ok=True)
        (role / "main.yml").write_text(yaml.safe_dump(list(tasks)))

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "BEARMAN_IMAGES_DIR": str(self.folder / "images"),
            "BEARMAN_IMAGES_WORK_DIR": str(self.work),
            "BEARMAN_IMAGE_KEYS_DIR": str(self.folder / "keys"),
            "BEARMAN_IMAGE_RECIPES_DIR": str(self.folder / "recipes"),
            "BEARMAN_IMAGE_ANSIBLE_DIR": str(self.folder / "ansible"),
        }

    def start(self, *words: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "image_builder", *words],
            cwd=CHECKOUT,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.started.append(process)
        return process

    def run(self, *words: str) -> tuple[int, str]:
        process = self.start(*words)
        output, _ = process.communicate()
        return process.returncode, output

    def wait_for_task(self, process: "subprocess.Popen[str]", name: str) -> None:
        for _ in range(600):
            for log in self.work.glob("*/ansible/ansible.log"):
                if name in log.read_text():
                    return
            assert process.poll() is None, process.stdout and process.stdout.read()
            time.sleep(0.2)
        raise AssertionError(name)

    def left(self) -> list[str]:
        """What is left of builds on this machine and in the store."""
        processes = subprocess.run(
            ["ps", "-eo", "args"], capture_output=True, text=True, check=True
        )
        with Path("/proc/self/mounts").open() as mounts:
            found = [line for line in mounts if f"{self.work}/" in line]
        found += [line for line in processes.stdout.splitlines() if str(self.work) in line]
        found += [path.name for path in self.work.iterdir()]
        return found + [str(path) for path in (self.folder / "images/tiny").glob(".*")]


@pytest.fixture
def builder(tmp_path: Path) -> Iterator[Builder]:
    """A builder with the tiny recipe; bases and packages are kept between tests."""
    work = Path(tempfile.mkdtemp(prefix="bmt", dir="/var/tmp"))  # sockets have short paths
    work.chmod(0o711)
    made = Builder(tmp_path, work)
    for name in ("recipes", "ansible", "images"):
        (tmp_path / name).mkdir()
    (STORE / ".cache").mkdir(parents=True, exist_ok=True)
    (tmp_path / "images/.cache").symlink_to(STORE / ".cache")
    (tmp_path / "recipes/tiny.yml").write_text(yaml.safe_dump(RECIPE))
    (tmp_path / "ansible/playbook.yml").write_text(yaml.safe_dump(PLAYBOOK))
    requirements = CHECKOUT / "image_builder/ansible/requirements.yml"
    shutil.copy(requirements, tmp_path / "ansible")
    made.tasks(*TASKS)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
            process.communicate()
    made.run("clear")
    shutil.rmtree(work)


def traces() -> dict[str, str]:
    """What LXD changes on a machine."""
    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True)
    return {
        "forward": Path("/proc/sys/net/ipv4/ip_forward").read_text(),
        "tables": tables.stdout,
    }
