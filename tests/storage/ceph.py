"""A whole Ceph on loopback: one monitor, one object store in memory, one S3 gateway.

It needs no disk, no service manager and no privileges, answers after about two seconds, and is gone
with its folder. The settings are those of docs.ceph.com, with the waits of a real cluster cut.
"""

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from simulator.demo.ports import free_tcp_ports

PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
WHY_NOT = "needs Ceph: `make ceph` installs it (Debian, as root)"
PATIENCE = 60.0  # seconds for each part to come up on a busy computer
# From util-linux: none outlives a killed run of tests, nor the thread that started it.
WITH_US = ("setpriv", "--pdeathsig", "KILL")


def installed() -> bool:
    """Whether all programs are there."""
    return all(shutil.which(program) for program in PROGRAMS)


@dataclass(frozen=True, slots=True)
class User:
    """Who has a key."""

    name: str
    access: str
    secret: str


OWNER = User("bearman", "OWNERKEY0000000000AA", "owner-secret-for-tests-only")
STRANGER = User("stranger", "STRANGERKEY0000000AA", "stranger-secret-for-tests-only")


@dataclass
class Ceph:
    """One cluster in a folder; `certificate` and `key` add a second port with TLS."""

    folder: Path
    certificate: Path | None = None
    key: Path | None = None
    monitor: int = 0
    port: int = 0
    tls_port: int = 0
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        """Address of the S3 server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def tls_endpoint(self) -> str:
        """Its address with TLS."""
        return f"https://127.0.0.1:{self.tls_port}"

    def start(self) -> None:
        """Start all; whatever fails, nothing is left running."""
        self.monitor, self.port, self.tls_port = free_tcp_ports(3)
        for name in ("log", "run", "mon", "osd"):
            (self.folder / name).mkdir()
        fsid = str(uuid.uuid4())
        (self.folder / "ceph.conf").write_text(self._configuration(fsid))
        try:
            self._start_monitor(fsid)
            self._start_store()
            for user in (OWNER, STRANGER):
                self.admin(
                    *("user", "create", f"--uid={user.name}", f"--display-name={user.name}"),
                    *(f"--access-key={user.access}", f"--secret={user.secret}"),
                )
            self.start_gateway()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Kill all, the gateway first; there is nothing in it that anybody wants."""
        for name in reversed(list(self.running)):
            self._kill(name)

    def start_gateway(self) -> None:
        """Start the S3 gateway, and wait until it answers."""
        self._spawn("radosgw", "radosgw", "-f", "-n", "client.rgw.lab")
        self._wait("radosgw", self._answers)

    def kill_gateway(self) -> None:
        """End the gateway in the middle of whatever it does (SIGKILL)."""
        self._kill("radosgw")

    def admin(self, *words: str) -> str:
        """Run radosgw-admin and return what it says."""
        return self._run("radosgw-admin", *words)

    def ceph(self, *words: str) -> str:
        """Run ceph, which gives orders to the monitor, and return what it says."""
        return self._run("ceph", "--connect-timeout", "20", *words)

    def _start_monitor(self, fsid: str) -> None:
        plan = str(self.folder / "monmap")
        address = f"[v2:127.0.0.1:{self.monitor}/0]"
        self._run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", address, plan)
        self._run("ceph-mon", "-i", "a", "--mkfs", "--monmap", plan)
        self._spawn("mon", "ceph-mon", "-f", "-i", "a")

    def _start_store(self) -> None:
        name = str(uuid.uuid4())
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", name)
        self.ceph("osd", "new", name, "0")
        self._spawn("osd", "ceph-osd", "-f", "-i", "0")
        self._wait("osd", lambda: " 1 up" in self.ceph("osd", "stat"))

    def _answers(self) -> bool:
        with suppress(OSError, urllib.error.HTTPError):
            return b"ListAllMyBuckets" in _get(self.endpoint)
        return False

    def _environment(self) -> dict[str, str]:
        plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return plain | {
            "CEPH_CONF": str(self.folder / "ceph.conf"),
            "PYTHONWARNINGS": "ignore",
        }

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{command[0]}: {done.stderr[-2000:]}"
        return done.stdout

    def _spawn(self, name: str, *command: str) -> None:
        with (self.folder / "log" / f"{name}.out").open("ab") as out:
            self.running[name] = subprocess.Popen(
                [*WITH_US, *command],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def _kill(self, name: str) -> None:
        process = self.running.pop(name, None)
        if process is not None:
            process.kill()
            process.wait(PATIENCE)

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        limit = time.monotonic() + PATIENCE
        while not ready():
            said = (self.folder / "log" / f"{name}.out").read_text(errors="replace")[-2000:]
            assert self.running[name].poll() is None, f"{name} ended: {said}"
            assert time.monotonic() < limit, f"{name} is not up: {said}"
            time.sleep(0.05)

    def _configuration(self, fsid: str) -> str:
        front = f"beast endpoint=127.0.0.1:{self.port}"
        if self.certificate and self.key:
            front += f" ssl_endpoint=127.0.0.1:{self.tls_port}"
            front += f" ssl_certificate={self.certificate} ssl_private_key={self.key}"
        return CONFIGURATION.format(
            fsid=fsid, folder=self.folder, monitor=self.monitor, front=front
        )


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=5) as answer:
        return bytes(answer.read())


# No cephx, for nobody but this computer reaches it; radosgw then needs the monitor mode `crc`, for
# its own default is an encrypted one. Maps change at once instead of once a second. Without a cache
# a gateway that was killed is not waited for.
CONFIGURATION = """\
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{monitor}/0]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr1 = false
ms mon client mode = crc
auth cluster required = none
auth service required = none
auth client required = none
auth allow insecure global id reclaim = false
run dir = {folder}/run
admin socket = {folder}/run/$name.asok
log file = {folder}/log/$name.log
crash dir = {folder}/log
paxos propose interval = 0.05
paxos min wait = 0.01
objecter tick interval = 1
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
rgw rados pool pg num min = 4

[mon]
mon data = {folder}/mon
mon cluster log file = {folder}/log/cluster.log

[osd]
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296

[client.rgw.lab]
rgw frontends = {front}
rgw data = {folder}/run
rgw dns name = localhost
rgw cache enabled = false
rgw user quota bucket sync interval = 1
rgw bucket quota ttl = 0
"""
