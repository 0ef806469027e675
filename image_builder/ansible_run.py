"""Runs the playbook against the container, and tells of each task as it begins."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from image_builder import programs
from image_builder.errors import BuildError, failed

HOST = "image"  # name of the container in the inventory
TASK = re.compile(r"^(?:TASK|RUNNING HANDLER) \[(.*)\] \*+$")
CONFIG = """[defaults]
inventory = {folder}/inventory.ini
roles_path = {ansible}/roles
collections_path = {collections}
local_tmp = {folder}/local
interpreter_python = auto_silent
host_key_checking = False
retry_files_enabled = False
localhost_warning = False
stdout_callback = default
callback_result_format = yaml
nocows = True
nocolor = True
display_skipped_hosts = True
show_task_path_on_failure = False

[connection]
pipelining = True
"""
INVENTORY = "{host} ansible_connection=community.general.lxd ansible_host={container}\n"


@dataclass(frozen=True)
class Place:
    """Where a run takes place: files of this run, the container, LXD's environment."""

    folder: Path
    ansible: Path
    collections: Path
    container: str
    env: Mapping[str, str]


@dataclass
class Tally:
    """How long each task took, in seconds."""

    seconds: dict[str, float] = field(default_factory=dict)
    task: str = ""
    begun: float = 0.0

    def next(self, task: str) -> None:
        """Note that a task begins, and so that the one before has ended."""
        now = time.monotonic()
        if self.task:
            self.seconds[self.task] = self.seconds.get(self.task, 0.0) + now - self.begun
        self.task, self.begun = task, now


def run(
    place: Place,
    variables: Mapping[str, object],
    on_task: Callable[[str], None],
) -> Tally:
    """Run the playbook; raises BuildError that names the task that failed, with its output."""
    _write_files(place, variables)
    command = [
        str(Path(sys.executable).with_name("ansible-playbook")),
        "--extra-vars", f"@{place.folder}/variables.json",
        str(place.ansible / "playbook.yml"),
    ]  # fmt: skip
    env = {
        **os.environ,
        **place.env,
        "ANSIBLE_CONFIG": str(place.folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(place.folder / "home"),
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        command,
        env=env,
        cwd=place.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        return _follow(process, place.folder / "ansible.log", on_task)
    finally:
        programs.end(process)


def _follow(
    process: subprocess.Popen[bytes],
    log: Path,
    on_task: Callable[[str], None],
) -> Tally:
    tally = Tally()
    since_task: list[str] = []
    for line in _lines(process, log):
        if match := TASK.match(line):
            tally.next(match[1])
            since_task = []
            on_task(match[1])
            continue
        since_task.append(line)
    code = process.wait()
    if code:
        raise _task_failed(tally, code, since_task)
    tally.next("")
    return tally


def _lines(process: subprocess.Popen[bytes], log: Path) -> Iterator[str]:
    assert process.stdout is not None
    with log.open("wb", buffering=0) as file:
        for raw in process.stdout:
            file.write(raw)
            yield raw.decode("utf-8", "replace").rstrip("\n")


def _task_failed(tally: Tally, code: int, lines: list[str]) -> BuildError:
    recap = next((n for n, line in enumerate(lines) if line.startswith("PLAY RECAP")), len(lines))
    output = "\n".join(line for line in lines[:recap] if line.strip())
    if not tally.task:
        return failed(f"Ansible could not begin (exit code {code}).", output)
    return failed(
        f"The task {tally.task!r} failed.",
        output,
        "Mend the role; `--keep` leaves the container to look into.",
    )


def _write_files(place: Place, variables: Mapping[str, object]) -> None:
    place.folder.mkdir(parents=True, exist_ok=True)
    (place.folder / "ansible.cfg").write_text(
        CONFIG.format(folder=place.folder, ansible=place.ansible, collections=place.collections)
    )
    (place.folder / "inventory.ini").write_text(
        INVENTORY.format(host=HOST, container=place.container)
    )
    (place.folder / "variables.json").write_text(json.dumps(variables))
