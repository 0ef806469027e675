"""Starts and stops the product as a user does: `bearman up` and its management commands."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Self

from simulator.demo.images import IMAGE, STAGE_ONE, make_key, write_image
from simulator.demo.ports import LOOPBACK, free_tcp_ports, free_udp_port
from simulator.demo.system import APPEND, PROFILE, write_script
from simulator.interrupt import signals_held
from simulator.processes import kill_session

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0
STOP_SECONDS = 25.0  # `bearman up` gives its processes ten
LAST_USER_SECONDS = 3.0
POLL_SECONDS = 0.2
LOG_LINES = 25
USER = "admin"
ZONE = "demo"
AT_A_TIME = 2  # commands, each of which keeps a processor busy
# A real machine needs minutes for what a simulated one does in a second.
DEPLOYMENT = {
    "BEARMAN_POWER_ON_SECONDS": "45",
    "BEARMAN_STAGE_ONE_SECONDS": "60",
    "BEARMAN_KEXEC_SECONDS": "60",
    "BEARMAN_STAGE_TWO_SECONDS": "12",
    "BEARMAN_CONFIGURE_SECONDS": "60",
    "BEARMAN_RELEASE_SECONDS": "60",
    "BEARMAN_DEPLOY_ATTEMPTS": "3",
    "BEARMAN_RETRY_SECONDS": "2",
    "BEARMAN_POWER_POLL_SECONDS": "0.2",
    "BEARMAN_RECONCILE_SECONDS": "1",
}


class ProductError(Exception):
    """The product did not start or a command of it failed; the words are for people."""


class Product:
    """A whole Bearman in a data folder of its own, on free ports, from `with` to its end.

    `settings` are added to those of the demo. With `all_inside` its temporary files go into that
    folder too: the embedded PostgreSQL leaves an empty lock file among them.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        all_inside: bool = False,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.data_dir = data_dir
        self.log = data_dir / "bearman.log"
        web, files, grpc = free_tcp_ports(3)
        self.url = f"http://{LOOPBACK}:{web}"
        self.grpc = f"{LOOPBACK}:{grpc}"
        self._files = f"{LOOPBACK}:{files}"
        self.bmc_port = free_udp_port()
        self.password = secrets.token_urlsafe(9)
        self.token = ""
        self._environment = _plain_environment() | {
            "BEARMAN_DATA_DIR": str(data_dir),
            "BEARMAN_WEB_BIND": f"{LOOPBACK}:{web}",
            "BEARMAN_FILES_BIND": self._files,
            "BEARMAN_GRPC_BIND": self.grpc,
            "BEARMAN_PUBLIC_URL": self.url,
            "BEARMAN_PUBLIC_GRPC": self.grpc,
            "BEARMAN_WEB_PROCESSES": "1",
            "BEARMAN_GRPC_PROCESSES": "1",
            "BEARMAN_ENROLMENT_NETWORKS": "127.0.0.0/8",
            "BEARMAN_BMC_PORT": str(self.bmc_port),
            # A real BMC may need a minute to settle; a simulated one that is silent stays so.
            "BEARMAN_BMC_SETTLE_SECONDS": "5",
            "BEARMAN_BMC_LOGIN_SECONDS": "4",
            "BEARMAN_REGISTER_DEADLINE_SECONDS": "120",
            "BEARMAN_POWER_OFF_DEADLINE_SECONDS": "60",
            **DEPLOYMENT,
            **settings,
        }
        if all_inside:
            self._environment["TMPDIR"] = str(data_dir)
        self._key_folder = data_dir / "demo-image-key"
        # Bearman trusts what is there, and from then on takes no image that is not signed.
        self.image_key = make_key(self._key_folder, data_dir / "image-keys")
        self._up: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of `bearman up`; 0 before it starts and after it ended."""
        return self._up.pid if self._up else 0

    def __enter__(self) -> Self:
        try:
            with signals_held():
                self._up = self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                _bearman("up"),
                cwd=PROJECT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __exit__(self, *_: object) -> None:
        up, self._up = self._up, None
        if up is None:
            return
        up.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            up.wait(STOP_SECONDS)
        kill_session(up.pid)
        up.wait()
        _stop_database(self.data_dir)

    def wait_until_ready(self) -> None:
        """Wait until HTTP, files and gRPC answer; raises ProductError."""
        limit = time.monotonic() + START_SECONDS
        while not (self._answers_http() and self._has_files() and _listens(self.grpc)):
            if self._up is None or self._up.poll() is not None:
                raise ProductError("Bearman ended while it started.")
            if time.monotonic() > limit:
                raise ProductError(f"Bearman was not ready after {START_SECONDS:.0f} s.")
            time.sleep(POLL_SECONDS)

    def prepare(self) -> None:
        """Make a zone, BMC addresses, stage one, an administrator and a token for bearman-cli."""
        with ThreadPoolExecutor(AT_A_TIME) as both:
            place, account = both.submit(self._make_place), both.submit(self._make_account)
            image = both.submit(self._make_stage_one)
        image.result()
        place.result()
        self.token = account.result()

    def _make_stage_one(self) -> None:
        """Add the image that machines are told to boot; what they run is in the simulator."""
        self._add_image(STAGE_ONE)

    def _make_place(self) -> None:
        self._command("zone_create", ZONE, "--network", "127.0.0.0/8")
        self._command(
            *("ipman_pool_create", "demo-ipmi", "--zone", ZONE, "--purpose", "ipmi"),
            *("--first", "127.42.0.10", "--last", "127.42.0.250"),
            *("--prefix-length", "16", "--gateway", "127.42.0.1"),
        )

    def tell(self, commands: Iterable[Sequence[str]]) -> None:
        """Run management commands, in any order; raises ProductError."""
        with ThreadPoolExecutor(AT_A_TIME) as some:
            for done in [some.submit(self._command, *words) for words in commands]:
                done.result()

    def make_system(self) -> None:
        """Make a pool of service addresses, an image, and a profile that boots it."""
        script = write_script(self.data_dir / "demo-system")
        with ThreadPoolExecutor() as both:
            pool = both.submit(
                self._command,
                *("ipman_pool_create", "demo-service", "--zone", ZONE, "--purpose", "service"),
                *("--first", "198.18.0.10", "--last", "198.18.3.250"),  # RFC 2544: for tests
                *("--prefix-length", "22", "--gateway", "198.18.0.1", "--vlan", "120"),
            )
            self._add_image(IMAGE)
            self.make_profile(PROFILE, "--script", str(script), "--append", APPEND)
        pool.result()

    def _add_image(self, name: str) -> None:
        """Build and sign an image, and add it."""
        folder = write_image(self.data_dir / f"demo-image-{name}", name, self._key_folder)
        self._command("image_add", str(folder))

    def make_profile(self, name: str, *options: str) -> None:
        """Make or change a profile that boots the demo's image."""
        self._command("profile_create", name, "--image", IMAGE, *options)

    def _make_account(self) -> str:
        self._command("createsuperuser", "--noinput")
        return self._command("operator_token_create", USER, "demo").split()[-1]

    def show(self, *words: str) -> None:
        """Print what `bearman-cli` says, such as to `node list`; raises ProductError."""
        sys.stdout.flush()
        done = subprocess.run(
            [sys.executable, "-m", "bearman_cli", "--server", self.grpc, *words],
            cwd=PROJECT,
            env=_plain_environment() | {"BEARMAN_TOKEN": self.token},
            check=False,
        )
        if done.returncode:
            raise ProductError(f"`bearman-cli {' '.join(words)}` ended with {done.returncode}.")

    def last_words(self) -> str:
        """The end of the log."""
        with suppress(OSError):
            return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:])
        return ""

    def _command(self, *arguments: str) -> str:
        account = {
            "DJANGO_SUPERUSER_USERNAME": USER,
            "DJANGO_SUPERUSER_EMAIL": "admin@example.org",
            "DJANGO_SUPERUSER_PASSWORD": self.password,
        }
        done = subprocess.run(
            _bearman(*arguments),
            cwd=PROJECT,
            env=self._environment | account,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ProductError(f"`bearman {arguments[0]}` failed: {done.stderr.strip()}")
        return done.stdout

    def _has_files(self) -> bool:
        """Files in a bucket are another server's."""
        return "BEARMAN_S3_ENDPOINT" in self._environment or _listens(self._files)

    def _answers_http(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/readyz", timeout=2.0) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


def _listens(bind: str) -> bool:
    host, _, port = bind.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=2.0).close()
    except OSError:
        return False
    return True


def _bearman(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bearman", *arguments]


def _plain_environment() -> dict[str, str]:
    """Ours without what somebody set for another Bearman."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BEARMAN_", "DJANGO_")) and name != "DATABASE_URL"
    }


def _stop_database(data_dir: Path) -> None:
    """Stop the embedded PostgreSQL; its last user does that, unless somebody killed that one."""
    if not _database_ends(data_dir, LAST_USER_SECONDS) and (pid := database_pid(data_dir)):
        os.kill(pid, signal.SIGINT)  # fast shutdown: PostgreSQL 18 section 18.5
        _database_ends(data_dir, STOP_SECONDS)


def _database_ends(data_dir: Path, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while database_pid(data_dir):
        if time.monotonic() > limit:
            return False
        time.sleep(POLL_SECONDS)
    return True


def database_pid(data_dir: Path) -> int | None:
    """Process id of the PostgreSQL that serves this folder: first line of postmaster.pid."""
    try:
        pid = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    return pid
