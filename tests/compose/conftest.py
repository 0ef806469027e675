"""One site for all tests of the containers, taken down also after a failure."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.compose import images
from tests.compose.engine import Engine, NoEngine
from tests.compose.site import Site

PROGRAMS = ("dockerd", "docker-compose", "ip", "mmdebstrap", "nsenter", "unshare")


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """A running installation, furnished, with its engine."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=f"/usr/sbin:{os.defpath}")]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"needs root and {', '.join(missing) or 'nothing else'}: make test-compose")
    cache = Path(os.environ.get("BEARMAN_COMPOSE_CACHE", images.PROJECT / "var/compose"))
    with tempfile.TemporaryDirectory(prefix="bearman-compose-") as name:
        folder = Path(name)
        with ExitStack() as stack:
            try:
                engine = stack.enter_context(Engine(folder / "engine"))
            except NoEngine as error:
                pytest.skip(str(error))
            images.make_all(engine, cache)
            yield from _running(Site(engine, folder / "site"))


def _running(site: Site) -> Iterator[Site]:
    site.lay_out()
    try:
        site.documented("Install")
        site.await_health("web", "grpc-a", "grpc-b", "worker", "nginx")
        site.furnish()
        yield site
    finally:
        site.compose("down", "--volumes", "--timeout", "1")
