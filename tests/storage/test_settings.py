"""The settings of the storage: what they make of addresses, and what they refuse."""

from pathlib import Path

import pytest

from tests.storage.test_commands import run

S3 = {"BEARMAN_S3_ENDPOINT": "http://s3.internal:7480/"}
SHOW = "from bearman import storage; print(storage.url('images/a+b/vmlinuz'))"


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "http://127.0.0.1:8001/files/images/a%2Bb/vmlinuz"),
        (
            {"BEARMAN_FILES_URL": "http://files.example/f/"},
            "http://files.example/f/images/a%2Bb/vmlinuz",
        ),
        (S3, "http://s3.internal:7480/bearman/images/a%2Bb/vmlinuz"),
        (
            S3 | {"BEARMAN_S3_PUBLIC_ENDPOINT": "", "BEARMAN_FILES_URL": ""},
            "http://s3.internal:7480/bearman/images/a%2Bb/vmlinuz",
        ),
        (
            S3 | {"BEARMAN_S3_PUBLIC_ENDPOINT": "https://s3.example"},
            "https://s3.example/bearman/images/a%2Bb/vmlinuz",
        ),
        (
            S3
            | {"BEARMAN_S3_PUBLIC_ENDPOINT": "https://s3.example:8443"}
            | {"BEARMAN_S3_ADDRESSING": "virtual", "BEARMAN_S3_BUCKET": "site"},
            "https://site.s3.example:8443/images/a%2Bb/vmlinuz",
        ),
        (
            S3 | {"BEARMAN_FILES_URL": "https://cdn.example/bearman"},
            "https://cdn.example/bearman/images/a%2Bb/vmlinuz",
        ),
    ],
)
def test_machines_are_given_the_address_at_which_they_reach_the_files(
    tmp_path: Path, settings: dict[str, str], address: str
) -> None:
    ended = run("shell", "--no-imports", "-c", SHOW, data=tmp_path, **settings)
    assert ended.stdout.splitlines()[-1:] == [address], ended.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            S3 | {"BEARMAN_FILES_URL": "http://a", "BEARMAN_S3_URLS": "signed"},
            "BEARMAN_FILES_URL and BEARMAN_S3_URLS=signed exclude each other",
        ),
        ({"BEARMAN_S3_ENDPOINT": "s3.example:80"}, "BEARMAN_S3_ENDPOINT: 's3.example:80' is no"),
        ({"BEARMAN_S3_URLS": "secret"}, "BEARMAN_S3_URLS"),
        ({"BEARMAN_S3_URL_SECONDS": "5"}, "BEARMAN_S3_URL_SECONDS"),
        ({"BEARMAN_S3_ATTEMPTS": "0"}, "BEARMAN_S3_ATTEMPTS"),
        ({"BEARMAN_S3_CHECKSUMS": "never"}, "BEARMAN_S3_CHECKSUMS"),
    ],
)
def test_settings_that_make_no_sense_are_refused_in_words(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    ended = run("check", data=tmp_path, **settings)
    assert ended.returncode == 1
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
