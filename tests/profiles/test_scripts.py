"""Published boot scripts."""

import hashlib
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from pytest_django import Settings

from bearman.lib.errors import NotFound
from profiles.models import BootScript
from profiles.selectors import script_due
from profiles.services import script_publish, script_rollback

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path, "base_url": "http://files.example/"},
        }
    }


def test_what_lies_in_the_storage_has_the_hash_that_nodes_are_told() -> None:
    script_publish(name="register.sh", content=b"one")
    due = script_due(name="register.sh")
    assert due.sha256 == hashlib.sha256(b"one").hexdigest()
    assert due.url == f"http://files.example/scripts/{due.sha256[:16]}/register.sh"
    path = BootScript.objects.get().path
    assert default_storage.open(path).read() == b"one"


def test_publishing_the_same_twice_changes_nothing() -> None:
    assert script_publish(name="register.sh", content=b"one")[1]
    assert not script_publish(name="register.sh", content=b"one")[1]
    assert BootScript.objects.count() == 1


def test_an_earlier_version_can_be_made_current_again() -> None:
    first, _ = script_publish(name="register.sh", content=b"one")
    script_publish(name="register.sh", content=b"two")
    assert script_due(name="register.sh").sha256 != first.sha256
    script_rollback(name="register.sh", sha256=first.sha256[:12])
    assert script_due(name="register.sh").sha256 == first.sha256


def test_a_version_that_is_not_there_is_told() -> None:
    with pytest.raises(NotFound, match="no version"):
        script_rollback(name="register.sh", sha256="abcd")


def test_the_command_publishes_the_real_scripts_as_one_file_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("publish_scripts")
    call_command("publish_scripts")
    assert "was current already" in capsys.readouterr().out
    content = default_storage.open(BootScript.objects.get(name="register.sh").path).read()
    assert content.startswith(b"#!/bin/sh")
    assert b"bearman: inline" not in content


def test_the_command_rolls_back_or_says_why_not() -> None:
    with pytest.raises(CommandError, match="no version"):
        call_command("publish_scripts", rollback=["register.sh", "abcd"])
