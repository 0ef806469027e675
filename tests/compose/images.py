"""Images without a registry: bases by mmdebstrap, and Bearman's own by its Dockerfile."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.compose.engine import Engine, run

PROJECT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PYTHON, SERVICES, POSTGRES = "test/python", "test/services", "test/postgres"
BEARMAN, NEXT = "test/bearman:1", "test/bearman:2"
PACKAGES = {
    PYTHON: "python3,python3-venv,ca-certificates",
    SERVICES: "postgresql-15,nginx-light,curl",
}
WHEELS_PORT = 8899


def make_all(engine: Engine, cache: Path) -> None:
    """Make all images; what is slow and does not change is kept in the folder `cache`."""
    cache.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as several:
        bases = [several.submit(_base, engine, cache, name) for name in PACKAGES]
        wheels = several.submit(_wheels, engine, cache)
        for done in [*bases, wheels]:
            done.result()
    _build(engine, HERE / "postgres", POSTGRES, BASE=SERVICES)
    with _served(engine, cache / "wheels") as url:
        _build(engine, PROJECT, BEARMAN, BASE=PYTHON, PIP_NO_INDEX="1", PIP_FIND_LINKS=url)
    _build(engine, HERE / "next", NEXT, BASE=BEARMAN)


def _base(engine: Engine, cache: Path, name: str) -> None:
    """A stand-in for a public image: Debian with a few packages."""
    tar = cache / f"{name.replace('/', '-')}.tar"
    if not tar.exists():
        draft = tar.with_suffix(".new.tar")
        include = f"--include={PACKAGES[name]}"
        run(
            ["mmdebstrap", "--variant=minbase", include, "bookworm", str(draft)], engine.environment
        )
        draft.rename(tar)
    engine.docker("import", str(tar), name)


def _wheels(engine: Engine, cache: Path) -> None:
    """Fetch what the image needs as pip is set up here: the build has no way out."""
    lock = PROJECT / "deploy" / "requirements.lock"
    done = cache / "wheels" / "requirements.lock"
    if done.exists() and done.read_text() == lock.read_text():
        return
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(cache / "wheels")]
    run([*pip, "--no-deps", "--require-hashes", "-r", str(lock)], engine.environment)
    run([*pip, "setuptools", "wheel"], engine.environment)  # for what is built from source
    done.write_text(lock.read_text())


def _build(engine: Engine, folder: Path, name: str, **arguments: str) -> None:
    options = [f"--build-arg={key}={value}" for key, value in arguments.items()]
    engine.docker("build", "--quiet", "--network=host", *options, "--tag", name, str(folder))


@contextmanager
def _served(engine: Engine, folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "-d", str(folder)]
    server = engine.start([*command, str(WHEELS_PORT)], engine.environment, subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{WHEELS_PORT}/"
    finally:
        server.terminate()
        server.wait()
