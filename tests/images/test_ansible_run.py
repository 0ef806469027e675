"""Playbooks as the builder runs them, here against this machine: what is told of their tasks."""

import sys
from pathlib import Path

import pytest

from image_builder import ansible_run
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode

PLAY = f"""
- hosts: localhost
  connection: local
  gather_facts: false
  vars: {{ansible_python_interpreter: {sys.executable}}}
  tasks:
    - name: Say what was given
      ansible.builtin.command: echo "{{{{ given }}}}"
    - name: Do the rest
"""
GOOD = PLAY + "      ansible.builtin.command: 'true'\n"


def run(folder: Path, playbook: str) -> tuple[ansible_run.Tally, list[str]]:
    """Run a playbook; returns the times of its tasks, and what was told meanwhile."""
    (folder / "roles").mkdir()
    (folder / "playbook.yml").write_text(playbook)
    place = ansible_run.Place(
        folder=folder / "run", ansible=folder, collections=folder, container="none", env={}
    )
    told: list[str] = []
    return ansible_run.run(place, {"given": "a word"}, told.append), told


def failing(folder: Path, playbook: str) -> BuildError:
    with pytest.raises(BuildError) as caught:
        run(folder, playbook)
    assert caught.value.exit_code is ExitCode.FAILED
    return caught.value


def test_each_task_is_told_as_it_begins_and_its_time_is_kept(tmp_path: Path) -> None:
    tally, told = run(tmp_path, GOOD)
    assert told == ["Say what was given", "Do the rest"]
    assert list(tally.seconds) == told
    assert all(seconds > 0 for seconds in tally.seconds.values())


def test_a_task_that_fails_is_told_with_its_output_and_no_other_s(tmp_path: Path) -> None:
    error = failing(tmp_path, PLAY + "      ansible.builtin.shell: echo out of luck; exit 3\n")
    assert error.message == "The task 'Do the rest' failed."
    assert "out of luck" in error.log
    assert "a word" not in error.log
    assert "PLAY RECAP" not in error.log
    assert "`--keep` leaves the container" in error.advice


def test_a_disk_that_is_full_is_told_from_other_reasons(tmp_path: Path) -> None:
    words = "No space left on device"
    with pytest.raises(BuildError, match="no space is left") as caught:
        run(tmp_path, PLAY + f"      ansible.builtin.shell: echo {words}; exit 1\n")
    assert caught.value.exit_code is ExitCode.NO_SPACE


@pytest.mark.parametrize("playbook", ["- hosts: [", "- hosts: localhost\n  colour: red\n"])
def test_a_playbook_that_is_none_is_told(tmp_path: Path, playbook: str) -> None:
    error = failing(tmp_path, playbook)
    assert error.message.startswith("Ansible could not begin (exit code ")
    assert "playbook.yml" in error.log
