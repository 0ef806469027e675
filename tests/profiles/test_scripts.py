"""Releases of the boot scripts: published together, current together, gone back from together."""

import hashlib
import threading
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from bearman import __version__, storage
from bearman.lib.errors import Conflict, Invalid, NotFound, Unavailable
from profiles.models import BootScript, ScriptRelease
from profiles.selectors import script_due
from profiles.services import release_publish, release_roll_back

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path, "base_url": "http://files.example/"},
        }
    }
    return tmp_path


def contents(text: str) -> dict[str, bytes]:
    return {name: f"#!/bin/sh\n# {text}\n".encode() for name in ("register.sh", "kexec.sh")}


def publish(version: str) -> ScriptRelease:
    return release_publish(contents=contents(version), version=version, actor="ada")[0]


def current() -> str:
    """The version whose scripts machines are given, both of them."""
    (release,) = ScriptRelease.objects.filter(current=True)
    for name in ("register.sh", "kexec.sh"):
        due = script_due(name=name)
        assert due.sha256 == hashlib.sha256(contents(release.version)[name]).hexdigest()
    return release.version


def test_what_lies_in_the_storage_has_the_hash_that_nodes_are_told() -> None:
    publish("1")
    due = script_due(name="register.sh")
    assert due.sha256 == hashlib.sha256(contents("1")["register.sh"]).hexdigest()
    assert due.url == f"http://files.example/scripts/{due.sha256[:16]}/register.sh"
    assert storage.sha256_of(BootScript.objects.get(name="register.sh").path) == due.sha256


def test_without_a_version_a_release_is_named_for_bearman_and_its_contents() -> None:
    release, changed = release_publish(contents=contents("a"))
    assert changed
    assert release.version.startswith(f"{__version__}+")
    again, changed = release_publish(contents=contents("a"))
    assert (again, changed) == (release, False)
    assert release_publish(contents=contents("b"))[0].version != release.version


def test_publishing_the_same_twice_changes_nothing() -> None:
    first = publish("1")
    assert release_publish(contents=contents("1"), version="1") == (first, False)
    assert (ScriptRelease.objects.count(), BootScript.objects.count()) == (1, 2)


def test_a_version_is_never_given_other_scripts() -> None:
    publish("1")
    with pytest.raises(Conflict, match="Version 1 is published already, with other scripts"):
        release_publish(contents=contents("2"), version="1")
    assert current() == "1"


@pytest.mark.parametrize("version", ["../x", "-1", "a b", "x" * 65])
def test_a_malformed_version_is_refused(version: str) -> None:
    with pytest.raises(Invalid, match="version"):
        release_publish(contents=contents("1"), version=version)
    assert not ScriptRelease.objects.exists()


def test_going_back_takes_both_scripts_to_the_release_before() -> None:
    publish("1"), publish("2")
    assert current() == "2"
    release, replaced = release_roll_back(actor="grace")
    assert (str(release), str(replaced)) == ("1", "2")
    assert current() == "1"
    release.refresh_from_db()
    assert (release.published_by, release.current_by) == ("ada", "grace")


def test_a_second_step_back_goes_further_and_none_is_left_in_the_end() -> None:
    publish("1"), publish("2"), publish("3")
    release_roll_back()
    release_roll_back()
    assert current() == "1"
    with pytest.raises(Conflict, match="no earlier release"):
        release_roll_back()
    assert current() == "1"


def test_what_somebody_went_back_from_is_passed_over() -> None:
    publish("1"), publish("2")
    release_roll_back()
    publish("3")
    release_roll_back()
    assert current() == "1"


def test_what_was_withdrawn_counts_again_when_it_is_published_again() -> None:
    publish("1"), publish("2")
    release_roll_back()
    publish("2")
    assert current() == "2"
    publish("3")
    release_roll_back()
    assert current() == "2"


def test_a_start_of_bearman_leaves_alone_what_somebody_went_back_from(
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish("1")
    call_command("publish_scripts", "--unless-withdrawn")
    ours = ScriptRelease.objects.get(current=True)
    release_roll_back()
    call_command("publish_scripts", "--unless-withdrawn")
    assert f"Release {ours} stays withdrawn" in capsys.readouterr().out
    assert current() == "1"
    call_command("publish_scripts")
    assert ScriptRelease.objects.get(current=True) == ours


def test_a_named_release_is_made_current_whichever_it_is_and_twice_is_once() -> None:
    publish("1"), publish("2"), publish("3")
    assert str(release_roll_back(version="1")[0]) == "1"
    assert release_roll_back(version="1")[1] is None
    assert current() == "1"
    release_roll_back(version="2")
    assert current() == "2"
    assert not ScriptRelease.objects.get(version="1").withdrawn_at


def test_a_release_that_is_not_there_is_told() -> None:
    with pytest.raises(NotFound, match="No release of the boot scripts has the version 7"):
        release_roll_back(version="7")
    with pytest.raises(Conflict, match="no earlier release"):
        release_roll_back()


def test_where_the_storage_fails_machines_go_on_with_what_was_current(folder: Path) -> None:
    publish("1")
    (folder / ".drafts").rmdir()
    (folder / ".drafts").write_text("in the way")
    with pytest.raises(Unavailable):
        publish("2")
    assert current() == "1"
    assert ScriptRelease.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_both_succeed_and_one_is_current() -> None:
    def run(version: str) -> None:
        try:
            publish(version)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(f"{n % 3}",)) for n in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ScriptRelease.objects.count() == 3
    assert current() in {"0", "1", "2"}


def test_the_command_publishes_the_real_scripts_as_one_file_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("publish_scripts")
    call_command("publish_scripts")
    assert "was current already" in capsys.readouterr().out
    for script in ScriptRelease.objects.get().scripts.all():
        content = storage.read(script.path, most=2**20)
        assert content.startswith(b"#!/bin/sh")
        assert b"bearman: inline" not in content


def test_the_command_lists_releases_and_goes_back(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("publish_scripts", list=True)
    assert "Nothing is published yet" in capsys.readouterr().out
    publish("1"), publish("2")
    call_command("publish_scripts", "--rollback")
    assert "Release 1 is current again, in the place of 2" in capsys.readouterr().out
    call_command("publish_scripts", "--rollback", "1")
    assert "Release 1 is current." in capsys.readouterr().out
    call_command("publish_scripts", "--list")
    second, first = capsys.readouterr().out.splitlines()
    assert second.split()[:2] == ["2", "withdrawn"]
    assert first.split()[:2] == ["1", "current"]
    assert "kexec.sh" in first


def test_the_command_takes_a_version_and_a_name() -> None:
    call_command("publish_scripts", "--version", "2026.1", "--as", "ada")
    release = ScriptRelease.objects.get()
    assert (release.version, release.published_by) == ("2026.1", "ada")


def test_the_command_says_why_it_cannot(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="has the version abcd"):
        call_command("publish_scripts", "--rollback", "abcd")
    with pytest.raises(CommandError, match="No such file"):
        call_command("publish_scripts", "--folder", str(tmp_path / "nowhere"))
