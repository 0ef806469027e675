"""The data folder of a demo: fresh at its start, and never somebody else's."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from simulator.demo.product import PROJECT, ProductError, database_pid
from simulator.interrupt import signals_held

MARKER = ".bearman-demo"
DEFAULT = PROJECT / "var" / "demo"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with ExitStack() as ends:
        with signals_held():
            folder = Path(tempfile.mkdtemp(prefix="bearman-demo-"))
            ends.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


@contextmanager
def kept_folder(path: Path) -> Iterator[Path]:
    """A folder that stays for a look at it; what an earlier demo left in it goes.

    Raises ProductError for a folder with other things in it, or with a demo that still runs.
    """
    if path.exists() and any(path.iterdir()):
        if not (path / MARKER).exists():
            raise ProductError(f"{path} is not empty and not of a demo; name another folder.")
        if pid := database_pid(path):
            raise ProductError(
                f"A demo is running in {path} (its PostgreSQL is process {pid}). End it first, or "
                "name another folder with --data-dir."
            )
        shutil.rmtree(path)
    path.mkdir(parents=True, exist_ok=True)
    (path / MARKER).touch()
    yield path
