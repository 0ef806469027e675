"""A Bearman to measure: a data folder, PostgreSQL and the real processes, all gone at the end."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Self

import django
import psutil
from django.core.management import call_command
from django.db import connection

from bearman.lib import postgres
from bearman.supervisor import python
from bench.servers import all_listen, answers, running, wait_until
from simulator.demo.ports import LOOPBACK, free_tcp_ports

Settings = Mapping[str, str]
NONE: Settings = MappingProxyType({})
WEB_BIND, GRPC_BIND = "BEARMAN_WEB_BIND", "BEARMAN_GRPC_BIND"
GRPC_PROCESSES = 2  # as `bearman up` starts them where nothing else is set


class Stack:
    """A database with Bearman's tables, from `with` to its end, and servers when asked for.

    Inside, Django is set up in this process too, to fill tables and to look into them.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="bearman-bench-"))
        # At the very end: the embedded PostgreSQL writes into the folder when this process ends.
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        self._log = self._folder / "servers.log"

    def __enter__(self) -> Self:
        try:
            self._prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        postgres.stop(self._folder)

    def _prepare(self) -> None:
        """Start PostgreSQL as Bearman does, and make it everybody's database."""
        for name in [name for name in os.environ if name.startswith(("BEARMAN_", "DJANGO_"))]:
            del os.environ[name]
        os.environ |= {
            "DATABASE_URL": postgres.ensure_running(self._folder),
            "DJANGO_SETTINGS_MODULE": "bearman.settings",
            "BEARMAN_DATA_DIR": str(self._folder),
            "BEARMAN_ENROLMENT_NETWORKS": "127.0.0.0/8",
            "BEARMAN_LOG_LEVEL": "WARNING",
        }
        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)

    def cpu_seconds(self) -> float:
        """Return what this process, all its children and PostgreSQL have used so far.

        Those who ended count once their parent has waited for them.
        """
        postmaster = int((self._folder / "postgres" / "postmaster.pid").read_text().split()[0])
        return _used_by(psutil.Process()) + _used_by(psutil.Process(postmaster))

    @contextmanager
    def grpc(self, settings: Settings = NONE) -> Iterator[str]:
        """Have gRPC, in as many processes as `bearman up` starts; yield its HOST:PORT."""
        bind = settings.get(GRPC_BIND) or _free_bind()
        port = int(bind.rpartition(":")[2])
        commands = [python("-m", "bearman", "grpc")] * GRPC_PROCESSES
        with running(commands, {GRPC_BIND: bind, **settings}, self._log) as servers:
            wait_until(lambda: all_listen(port, servers), servers, self._log)
            yield bind

    @contextmanager
    def web(self, settings: Settings = NONE) -> Iterator[str]:
        """Have the web server run as `bearman web` does; yield its HOST:PORT."""
        bind = settings.get(WEB_BIND) or _free_bind()
        command = python("-m", "bearman", "web")
        with running([command], {WEB_BIND: bind, **settings}, self._log) as servers:
            wait_until(lambda: answers(f"http://{bind}/readyz"), servers, self._log)
            yield bind

    @contextmanager
    def worker(self, settings: Settings) -> Iterator[None]:
        """Have a worker as `bearman up` starts it."""
        before = _workers()
        with running([python("-m", "bearman", "worker")], dict(settings), self._log) as servers:
            wait_until(lambda: _workers() > before, servers, self._log)
            yield

    @contextmanager
    def everything(self, bmc_port: int) -> Iterator[tuple[str, str]]:
        """Have web, gRPC and worker for machines with BMCs at that port; yield URL and HOST:PORT.

        All processes are as in `bearman up`, but for that of the files.
        """
        web, grpc = (f"{LOOPBACK}:{port}" for port in free_tcp_ports(2))
        settings = {
            WEB_BIND: web,
            GRPC_BIND: grpc,
            "BEARMAN_PUBLIC_URL": f"http://{web}",
            "BEARMAN_PUBLIC_GRPC": grpc,
            "BEARMAN_BMC_PORT": str(bmc_port),
        }
        with self.web(settings), self.grpc(settings), self.worker(settings):
            yield f"http://{web}", grpc


def _free_bind() -> str:
    return f"{LOOPBACK}:{free_tcp_ports(1)[0]}"


def _workers() -> int:
    """Return a number that grows with each worker that begins to work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM procrastinate_workers")
        return int(cursor.fetchone()[0])


def _used_by(process: psutil.Process) -> float:
    used = 0.0
    for member in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            used += sum(member.cpu_times()[:4])  # own and of children waited for, user and system
    return used
