"""The embedded PostgreSQL."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from bearman.lib import postgres

ROOT = Path(__file__).resolve().parents[2]
USER = """
import sys, time
from pathlib import Path
from bearman.lib import postgres
print(postgres.ensure_running(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


def user_of(data: Path) -> "subprocess.Popen[str]":
    """A process that uses the server until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline().startswith("postgresql://")
    return process


def ended(process: "subprocess.Popen[str]") -> None:
    process.communicate(timeout=30)


def server_pid(data: Path) -> int | None:
    try:
        return int((data / "postgres" / "postmaster.pid").read_text().split()[0])
    except FileNotFoundError:
        return None


def test_processes_share_one_server_and_the_last_one_stops_it(tmp_path: Path) -> None:
    one, two = user_of(tmp_path), user_of(tmp_path)
    pid = server_pid(tmp_path)
    ended(one)
    assert server_pid(tmp_path) == pid is not None
    ended(two)
    assert server_pid(tmp_path) is None


def test_a_server_whose_folder_was_closed_is_stopped_cleanly(tmp_path: Path) -> None:
    """Another run of pytest closes the folder that holds everybody's temporary ones."""
    user = user_of(tmp_path / "deep")
    tmp_path.chmod(0o700)
    ended(user)
    assert server_pid(tmp_path / "deep") is None
    log = (tmp_path / "deep" / "postgres" / "log").read_text()
    assert "database system is shut down" in log.splitlines()[-1]


def test_a_killed_user_does_not_keep_the_server_up(tmp_path: Path) -> None:
    one, two = user_of(tmp_path), user_of(tmp_path)
    one.kill()
    one.communicate(timeout=30)
    ended(two)
    assert server_pid(tmp_path) is None


def command_that_uses_it(data: Path) -> "subprocess.Popen[bytes]":
    """A command that has begun to use the server and handles no SIGTERM itself."""
    command = [sys.executable, "-m", "bearman", "shell", "--no-imports", "-c"]
    environment = os.environ | {"BEARMAN_DATA_DIR": str(data)}
    process = subprocess.Popen(
        [*command, "import signal; signal.pause()"], env=environment, cwd=ROOT
    )
    limit = time.monotonic() + 60
    while not is_ready(data):
        assert time.monotonic() < limit
        time.sleep(0.1)
    return process


def is_ready(data: Path) -> bool:
    """Whether the server runs: the file says other things while the folder is being made."""
    try:
        return "ready" in (data / "postgres" / "postmaster.pid").read_text()
    except FileNotFoundError:
        return False


def test_a_command_that_is_ended_while_it_starts_stops_the_server(tmp_path: Path) -> None:
    """As the last user; its supervisor was killed."""
    process = command_that_uses_it(tmp_path)
    process.terminate()
    assert process.wait(60) == 128 + signal.SIGTERM
    assert server_pid(tmp_path) is None


def test_one_signal_after_another_does_not_keep_the_last_user_from_stopping_the_server(
    tmp_path: Path,
) -> None:
    """Linux sends the signal of a dead parent once for each of the parent's threads."""
    process = command_that_uses_it(tmp_path)
    limit = time.monotonic() + 60
    while process.poll() is None:
        assert time.monotonic() < limit
        process.terminate()
        time.sleep(0.01)
    assert server_pid(tmp_path) is None


def test_a_killed_server_is_revived_with_what_was_committed(tmp_path: Path) -> None:
    url = postgres.ensure_running(tmp_path)
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('yes')")
        killed = server_pid(tmp_path)
        assert killed
        os.kill(killed, signal.SIGKILL)
        while postgres._lives(killed):
            time.sleep(0.05)
        postgres.revive(tmp_path)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("yes",)
    finally:
        postgres.stop(tmp_path)


def test_a_folder_too_deep_for_a_socket_is_refused_in_one_sentence(tmp_path: Path) -> None:
    folder, temporary = tmp_path / ("deep" * 25), tmp_path / ("temporary" * 10)
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "bearman", "check"],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"},
            "BEARMAN_DATA_DIR": str(folder),
            "DATABASE_URL": "",
            "TMPDIR": str(temporary),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"BEARMAN_DATA_DIR ({folder}) is too long a path")
