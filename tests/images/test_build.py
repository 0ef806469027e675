"""Builds in a real LXD: the same bytes twice, and nothing left behind however they end."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from image_builder import programs, store
from tests.images.build import CHECKOUT, STORE, cannot_build

pytestmark = [
    pytest.mark.images,
    pytest.mark.xdist_group("lxd"),
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(cannot_build()), reason="needs LXD and root; see `make image-tools`"),
]
programs.extend_path()
# Not a system that boots: what the builder does is the same, and takes seconds.
RECIPE = {
    "name": "tiny",
    "title": "Hardly anything",
    "kind": "stage-two",
    "base": {"mmdebstrap": {"suite": "bookworm"}},
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
            found = [line for line in mounts if str(self.work) in line]
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


def test_two_builds_give_the_same_bytes_and_a_third_is_not_needed(builder: Builder) -> None:
    for version in ("1", "2"):
        code, output = builder.run("build", "tiny", "--force", "--version", version)
        assert code == 0, output
    first, second = (store.find(builder.folder / "images", f"tiny/{n}") for n in "12")
    assert first.manifest.files == second.manifest.files
    begun = time.monotonic()
    code, output = builder.run("build", "tiny", "--json")
    assert time.monotonic() - begun < 10
    assert code == 0
    assert json.loads(output.splitlines()[-1])["built"] is False
    listing = subprocess.run(
        ["unsquashfs", "-lln", str(first.path("root")), "etc", "var/log"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "/etc/machine-id" in listing
    assert "ssh_host" not in listing
    assert "bearman-build" not in listing
    assert builder.left() == []


def test_a_task_that_fails_is_told_with_its_output_and_nothing_is_left(builder: Builder) -> None:
    builder.tasks(*TASKS, FAIL)
    code, output = builder.run("build", "tiny")
    assert code == 10
    assert "The task 'tiny : Fail on purpose' failed." in output
    assert "out of luck" in output
    assert builder.left() == []
    assert store.versions(builder.folder / "images") == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_build_and_nothing_is_left(
    builder: Builder, number: signal.Signals
) -> None:
    before = traces()
    builder.tasks(WAIT)
    process = builder.start("build", "tiny")
    builder.wait_for_task(process, "Wait for the test")
    process.send_signal(number)
    output, _ = process.communicate(timeout=90)
    assert process.returncode == 130, output
    assert "everything was cleared away" in output
    assert builder.left() == []
    assert traces() == before


def test_what_a_killed_build_left_is_cleared(builder: Builder) -> None:
    before = traces()
    builder.tasks(WAIT)
    process = builder.start("build", "tiny")
    builder.wait_for_task(process, "Wait for the test")
    process.kill()
    process.communicate()
    assert builder.left() != []
    builder.tasks(*TASKS)
    code, output = builder.run("build", "tiny")
    assert code == 0, output
    assert builder.left() == []
    assert traces() == before


def test_two_builds_side_by_side_do_not_collide(builder: Builder) -> None:
    before = traces()
    both = [builder.start("build", "tiny", "--force", "--version", each) for each in ("1", "2")]
    for process in both:
        output, _ = process.communicate()
        assert process.returncode == 0, output
    assert builder.left() == []
    assert traces() == before


def test_a_kept_container_can_be_looked_into_and_cleared(builder: Builder) -> None:
    builder.tasks(*TASKS, FAIL)
    code, output = builder.run("build", "tiny", "--keep")
    assert code == 10
    socket = next(word for word in output.split() if word.startswith("`LXD_SOCKET="))[1:]
    name, value = socket.split("=", 1)
    listing = subprocess.run(
        ["lxc", "list", "--format", "csv", "-c", "s"],
        env={**os.environ, name: value, "LXD_CONF": str(builder.folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert listing.stdout.strip() == "RUNNING"
    assert builder.run("clear")[0] == 0
    assert builder.left() == []


def test_a_base_that_cannot_be_fetched_is_told(builder: Builder) -> None:
    base = {"mmdebstrap": {"suite": "bookworm", "mirror": "http://127.0.0.1:9/debian"}}
    (builder.folder / "recipes/tiny.yml").write_text(yaml.safe_dump(RECIPE | {"base": base}))
    code, output = builder.run("build", "tiny")
    assert code == 9
    assert "cannot be had" in output
    assert builder.left() == []
