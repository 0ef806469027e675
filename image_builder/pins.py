"""What the packages of a recipe's archives are now: the hash of each archive's signed index."""

import hashlib
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from image_builder import reasons
from image_builder.recipe import Mmdebstrap, Recipe, ServerImage

TIMEOUT = (5, 15)  # seconds to connect, and between two pieces
LIMIT = 64 * 1024 * 1024  # bytes of an index; Debian's InRelease has 0.15 MB


class Unreachable(Exception):
    """An archive or an image server does not answer; the text says which and why."""


def of(recipe: Recipe) -> tuple[dict[str, str], int]:
    """Name and hash of each index, and the newest date of them in seconds since 1970."""
    if isinstance(recipe.base, ServerImage):
        return served(recipe.base)
    return archives(recipe.base)


def archives(base: Mmdebstrap) -> tuple[dict[str, str], int]:
    """The hash of each archive's index; raises Unreachable, as `served` does."""
    pins, newest = {}, 0
    for line in base.sources:
        address, suite = _address(line)
        url = f"{address.rstrip('/')}/dists/{suite}/InRelease"
        text = _get(url)
        pins[url] = hashlib.sha256(text).hexdigest()
        newest = max(newest, _date(text))
    return pins, newest


def _address(line: str) -> tuple[str, str]:
    """Address and suite of a line of sources.list(5); options in brackets are passed over."""
    words = line.split()[1:]
    while words and (words[0].startswith("[") or words[0].endswith("]")):
        words = words[1:]
    if len(words) < 2:
        raise Unreachable(f"`{line}` is not a line of sources.list")
    return words[0], words[1]


def _date(text: bytes) -> int:
    """The Date field; Debian's repository format says it is as in RFC 5322."""
    for line in text.decode("utf-8", "replace").splitlines():
        if line.startswith("Date:"):
            try:
                return int(parsedate_to_datetime(line.removeprefix("Date:").strip()).timestamp())
            except ValueError:
                return 0
    return 0


def served(base: ServerImage) -> tuple[dict[str, str], int]:
    """The newest version of a product in a simplestreams index."""
    url = f"{base.server.rstrip('/')}/streams/v1/images.json"
    try:
        products = json.loads(_get(url))["products"]
        for product in products.values():
            if base.alias in product.get("aliases", "").split(","):
                version = max(product["versions"])
                return {f"{url}#{base.alias}": version}, _day(version)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unreachable(f"{url} is no index of images") from None
    raise Unreachable(f"{url} has no image {base.alias}")


def _day(version: str) -> int:
    """Versions of simplestreams begin with a day, `20261124_07:08`; its seconds since 1970."""
    try:
        return int(datetime.strptime(version[:8], "%Y%m%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return 0


def _get(url: str) -> bytes:
    try:
        with requests.get(url, timeout=TIMEOUT, stream=True) as answer:
            answer.raise_for_status()
            return answer.raw.read(LIMIT, decode_content=True) or b""
    except (requests.RequestException, OSError) as error:
        raise Unreachable(f"{url}: {reasons.of(error)}") from None
