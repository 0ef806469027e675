"""What an archive or an image server says of itself, and what is told where it says nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from image_builder import pins
from image_builder.recipe import Mmdebstrap, ServerImage
from tests.images.servers import serving_folder

INDEX = "streams/v1/images.json"
PRODUCT = {
    "aliases": "debian/12,debian/bookworm",
    "versions": {"20261123_05:24": {}, "20261124_05:24": {}},
}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a server of files."""
    (tmp_path / "streams/v1").mkdir(parents=True)
    with serving_folder(tmp_path) as address:
        yield address


def test_the_newest_version_of_an_image_is_found_with_its_day(served: str, tmp_path: Path) -> None:
    (tmp_path / INDEX).write_text(json.dumps({"products": {"any": PRODUCT}}))
    found, newest = pins.served(ServerImage(alias="debian/bookworm", server=served))
    assert found == {f"{served}/{INDEX}#debian/bookworm": "20261124_05:24"}
    assert newest == 1_795_478_400  # 2026-11-24


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<html>", "is no index of images"),
        ("[]", "is no index of images"),
        ('{"products": []}', "is no index of images"),
        ('{"products": {"any": 5}}', "is no index of images"),
        ('{"products": {}}', "has no image debian/12"),
    ],
)
def test_an_index_that_is_none_is_told(served: str, tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / INDEX).write_text(text)
    with pytest.raises(pins.Unreachable) as caught:
        pins.served(ServerImage(alias="debian/12", server=served))
    assert str(caught.value) == f"{served}/{INDEX} {why}"


@pytest.mark.parametrize(
    ("suite", "mirror", "why"),
    [
        ("bogus", "", "it answered 404 File not found"),
        ("bookworm", "http://127.0.0.1:9", "Connection refused"),
    ],
)
def test_why_an_archive_cannot_be_had_is_told_in_a_few_words(
    served: str, suite: str, mirror: str, why: str
) -> None:
    base = Mmdebstrap(suite=suite, mirror=mirror or served)
    with pytest.raises(pins.Unreachable) as caught:
        pins.archives(base)
    said = str(caught.value)
    assert f"{base.mirror}/dists/{suite}/InRelease: {why}" in said
    assert "object at" not in said
    assert len(said) < 120
