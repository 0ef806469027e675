"""A site with Bearman in containers, set up as docs/operations.md says."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from simulator.demo.images import IMAGE, STAGE_ONE, make_key, write_image
from simulator.demo.system import APPEND, PROFILE, write_script
from tests.compose import images
from tests.compose.engine import ADDRESS, BMCS, Engine, run

SUBNET = "198.18.101.0/24"
GRPC = f"{ADDRESS}:50051"
HEALTH_SECONDS = 180.0
RUN_SECONDS = 240  # for a fleet; the machines on which this runs are busy
SETTINGS = {
    "BEARMAN_PUBLIC_URL": f"https://{ADDRESS}",
    "BEARMAN_BOOT_URL": f"http://{ADDRESS}",
    "BEARMAN_FILES_URL": f"http://{ADDRESS}/files",
    "BEARMAN_PUBLIC_GRPC": GRPC,
    # All of the tests' machines are one host, which Docker's bridge shows as its own address.
    "BEARMAN_ENROLMENT_NETWORKS": SUBNET,
    "BEARMAN_SUBNET": SUBNET,
    "BEARMAN_IMAGE": images.BEARMAN,
    "BEARMAN_POSTGRES_IMAGE": images.POSTGRES,
    "BEARMAN_NGINX_IMAGE": images.SERVICES,
    "BEARMAN_RETRY_SECONDS": "2",
    "BEARMAN_POWER_POLL_SECONDS": "0.2",
    "BEARMAN_RECONCILE_SECONDS": "1",
    "BEARMAN_BMC_SETTLE_SECONDS": "20",
}
BLOCK = re.compile(r"```sh\n(?P<text>.*?)```", re.DOTALL)


@dataclass
class Site:
    """The folder with docker-compose.yml, .env and secrets, and what an operator does there."""

    engine: Engine
    folder: Path
    token: str = ""
    key: Path = field(default_factory=Path)

    @property
    def ca(self) -> Path:
        """The certificate that clients trust."""
        return self.folder / "secrets/tls/ca.pem"

    @property
    def environment(self) -> dict[str, str]:
        """For commands of the operator of this site."""
        return self.engine.environment | {"COMPOSE_PROJECT_NAME": "bearman"}

    def lay_out(self) -> None:
        """Copy what a site needs, and write its settings."""
        self.folder.mkdir()
        shutil.copy(images.PROJECT / "docker-compose.yml", self.folder)
        shutil.copytree(images.PROJECT / "deploy", self.folder / "deploy")
        self.set()

    def set(self, **changes: str) -> None:
        """Write .env."""
        lines = (f"{name}={value}\n" for name, value in (SETTINGS | changes).items())
        (self.folder / ".env").write_text("".join(lines))

    def compose(self, *arguments: str) -> str:
        """Run `docker-compose ARGUMENTS` in the folder."""
        return self.shell(shlex.join(["docker-compose", *arguments]))

    def shell(self, script: str) -> str:
        """Run what an operator types; `docker compose` is docker-compose here."""
        script = script.replace("docker compose ", "docker-compose ")
        environment = self.environment | {"COMPOSE": "docker-compose"}
        command = ["sh", "-euc", f"cd '{self.folder}'\n{script}"]
        return run(command, environment)

    def documented(self, heading: str) -> str:
        """Run the first commands below a heading of docs/operations.md."""
        page = (images.PROJECT / "docs/operations.md").read_text()
        found = BLOCK.search(page.partition(f"\n## {heading}\n")[2])
        assert found, heading
        return self.shell(found["text"])

    def manage(self, *words: str) -> str:
        """Run a management command in the container of the web server."""
        return self.compose("exec", "-T", "web", "bearman", *words)

    def sql(self, query: str) -> str:
        """Ask the database; values are separated by `|`."""
        psql = ("psql", "-U", "bearman", "-At", "-c", query, "bearman")
        return self.compose("exec", "-T", "database", *psql).strip()

    def containers(self, service: str) -> list[str]:
        """The ids of a service's containers."""
        return self.compose("ps", "-q", service).split()

    def inspect(self, service: str) -> dict[str, object]:
        """What Docker tells of a service's container."""
        found = json.loads(self.engine.docker("inspect", *self.containers(service)))
        return dict(found[0])

    def await_health(self, *services: str) -> None:
        """Wait until all are well; raises with the logs of one that is not."""
        limit = time.monotonic() + HEALTH_SECONDS
        for service in services:
            while '"Status": "healthy"' not in json.dumps(self.inspect(service)["State"]):
                if time.monotonic() > limit:
                    raise RuntimeError(f"{service}: {self.compose('logs', '--tail=40', service)}")
                time.sleep(1)

    def furnish(self) -> None:
        """Make what machines need: an operator, a zone, addresses, images and a profile."""
        account = ["-e", "DJANGO_SUPERUSER_PASSWORD=xkw-29-Quite.Long"]
        names = ["--noinput", "--username", "olga", "--email", "olga@example.org"]
        self.compose("exec", "-T", *account, "web", "bearman", "createsuperuser", *names)
        self.token = self.manage("operator_token_create", "olga", "test").split()[-1]
        self.manage("zone_create", "z1", "--network", SUBNET)
        prefix = BMCS.rpartition(".")[0]
        bmcs = ("--purpose", "ipmi", "--first", f"{prefix}.10", "--last", f"{prefix}.250")
        self._pool("z1-ipmi", *bmcs, "--gateway", f"{prefix}.1")
        services = ("--purpose", "service", "--first", "10.99.0.10", "--last", "10.99.0.250")
        self._pool("z1-service", *services, "--gateway", "10.99.0.1", "--vlan", "120")
        self.key = make_key(self.folder / "image-key", self.folder / "image-keys")
        for name in (STAGE_ONE, IMAGE):
            self.publish(name)
        script = write_script(self.folder / "system")
        shutil.copy(script, self.folder / "image-keys/setup")  # a folder that containers see
        options = ("--script", "/data/image-keys/setup", "--append", APPEND)
        self.manage("profile_create", PROFILE, "--image", IMAGE, *options)

    def _pool(self, name: str, *options: str) -> None:
        self.manage("ipman_pool_create", name, "--zone", "z1", "--prefix-length", "24", *options)

    def publish(self, name: str) -> None:
        """Publish an image through nginx, as image_builder does, and have it deployed."""
        folder = write_image(self.folder / "built" / name, name, self.folder / "image-key")
        command = [sys.executable, "-m", "image_builder", "publish", str(folder), "--promote"]
        run(self.engine.inside(command), self.operator)

    @property
    def operator(self) -> dict[str, str]:
        """The environment of an operator at a machine of the site."""
        return self.engine.environment | {
            "BEARMAN_GRPC": GRPC,
            "BEARMAN_CA": str(self.ca),
            "BEARMAN_TOKEN": self.token,
            "PYTHONPATH": str(images.PROJECT),
        }

    def cli(self, *words: str) -> str:
        """What `bearman-cli` answers, over TLS with the CA verified."""
        command = [sys.executable, "-m", "bearman_cli", *words]
        return run(self.engine.inside(command), self.operator)

    def machines(self, count: int, *options: str, seed: int = 1) -> "Fleet":
        """Press the power buttons of so many machines."""
        command = [
            *(sys.executable, "-m", "simulator", "--nodes", str(count), "--seed", str(seed)),
            *("--url", f"http://{ADDRESS}", "--grpc", GRPC, "--ca", str(self.ca), "--json"),
            *("--image-key", str(self.key), "--timeout", str(RUN_SECONDS), *options),
        ]
        log = self.folder / f"fleet-{seed}.log"
        with log.open("wb") as out:
            return Fleet(self.engine.start(command, self.operator, out), log)


@dataclass
class Fleet:
    """Simulated machines at work."""

    process: subprocess.Popen[bytes]
    log: Path

    def all_end_well(self) -> None:
        """Wait for the end; fails unless each machine ended as it should."""
        try:
            code = self.process.wait(RUN_SECONDS + 60)
        finally:
            self.process.kill()
            self.process.wait()
        assert code == 0, self.log.read_text()[-4000:]
