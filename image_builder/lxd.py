"""The driver of LXD: a client, the base as an image, one container, and what comes out of it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pylxd
import requests
from pylxd.exceptions import ClientConnectionFailed, LXDAPIException

from image_builder import reasons, signals
from image_builder.errors import BuildError, failed
from image_builder.exit_codes import ExitCode

NETWORK_PATIENCE = 60  # seconds for the container to get an address
OWNER = "user.bearman.build"  # config key of a container: the folder of the build that made it


@dataclass(frozen=True)
class Result:
    """How a program in the container ended."""

    code: int
    output: str
    errors: str


def connect(socket: Path) -> "pylxd.Client":
    """A client of the LXD that listens there."""
    try:
        return pylxd.Client(endpoint=f"http+unix://{quote(str(socket), safe='')}")
    except (ClientConnectionFailed, OSError) as error:
        raise BuildError(
            ExitCode.MACHINE,
            f"No LXD answers at {socket}: {reasons.of(error)}.",
            "Check --lxd-socket; without it, a build starts an LXD of its own.",
        ) from None


@dataclass
class Container:
    """A container that is being made into an image."""

    client: "pylxd.Client"
    name: str

    @property
    def _instance(self) -> "pylxd.models.Container":
        return self.client.containers.get(self.name)

    def start(self) -> None:
        """Start it, and wait until it has an address."""
        try:
            self._instance.start(wait=True)
        except LXDAPIException as error:
            raise failed("The container does not start.", f"{error}\n{self._log()}") from None
        deadline = time.monotonic() + NETWORK_PATIENCE
        while time.monotonic() < deadline:
            if self.address():
                return
            time.sleep(0.2)
        raise BuildError(
            ExitCode.FAILED,
            f"The container got no address within {NETWORK_PATIENCE} s.",
            "Its base needs an init that asks for one over DHCP on eth0.",
        )

    def _log(self) -> str:
        """What LXC wrote on the way."""
        try:
            return str(self.client.api.instances[self.name].logs["lxc.log"].get().text)[-4000:]
        except LXDAPIException:
            return ""

    def address(self) -> str:
        """Its IPv4 address, or nothing."""
        network = self._instance.state().network or {}
        for each in network.get("eth0", {}).get("addresses", ()):
            if each["family"] == "inet" and each["scope"] == "global":
                return str(each["address"])
        return ""

    def stop(self) -> None:
        """Stop it in an orderly way, or hard after half a minute."""
        try:
            self._instance.stop(timeout=30, wait=True)
        except LXDAPIException:
            self._instance.stop(force=True, wait=True)

    def execute(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> Result:
        """Run a program in it; a program that is missing ends with 127."""
        try:
            code, output, errors = self._instance.execute(
                list(command), environment=dict(env or {})
            )
        except LXDAPIException as error:
            return Result(127, "", str(error))
        return Result(code, output, errors)

    def check(self, doing: str, script: str, *words: str) -> str:
        """Run a shell script in it with arguments; returns its output, raises BuildError."""
        result = self.execute(["sh", "-euc", script, "sh", *words])
        if result.code:
            raise failed(f"{doing} failed in the container.", result.output + result.errors)
        return result.output

    def put(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file of root."""
        self._instance.files.put(path, data, mode=mode, uid=0, gid=0)

    def get(self, path: str) -> bytes:
        """Read a file."""
        try:
            return bytes(self._instance.files.get(path))
        except LXDAPIException as error:
            raise failed(f"{path} could not be read in the container.", str(error)) from None

    def export(self, target: Path) -> None:
        """Write the whole stopped container as a tar file, as LXD has it, to `target`."""
        body = {
            "source": {"type": "container", "name": self.name},
            "compression_algorithm": "none",  # pylxd's own publish() gzips for half a minute
        }
        answer = self.client.api.images.post(json=body).json()
        operation = self.client.operations.wait_for_operation(answer["operation"])
        fingerprint = operation.metadata["fingerprint"]
        try:
            with (
                self.client.api.images[fingerprint].export.get(stream=True) as response,
                target.open("wb") as file,
            ):
                for piece in response.iter_content(1024 * 1024):
                    file.write(piece)
        finally:
            with signals.shielded():
                self.client.images.get(fingerprint).delete(wait=True)


@contextmanager
def imported(client: "pylxd.Client", rootfs: Path, metadata: bytes) -> Iterator[str]:
    """Make a base known to LXD for as long as it is needed; yields its fingerprint."""
    image = client.images.create(rootfs.read_bytes(), metadata=metadata, wait=True)
    fingerprint = str(image.fingerprint)
    try:
        yield fingerprint
    finally:
        with signals.shielded():
            _delete_image(client, fingerprint)


def _delete_image(client: "pylxd.Client", fingerprint: str) -> None:
    try:
        client.images.get(fingerprint).delete(wait=True)
    except LXDAPIException:
        return


@contextmanager
def container(
    client: "pylxd.Client",
    name: str,
    source: Mapping[str, str],
    config: Mapping[str, str],
    keep: Callable[[], bool],
) -> Iterator[Container]:
    """Make a container from an image; it goes away in the end, unless it is to be kept then."""
    try:
        client.containers.create(
            {"name": name, "source": dict(source), "config": dict(config), "profiles": ["default"]},
            wait=True,
        )
    except LXDAPIException as error:
        raise _not_made(source, str(error)) from None
    try:
        yield Container(client, name)
    finally:
        if not keep():
            with signals.shielded():
                remove(client, name)


def _not_made(source: Mapping[str, str], reason: str) -> BuildError:
    error = failed("LXD could not make the container.", reason)
    if "server" not in source or error.exit_code is ExitCode.NO_SPACE:
        return error
    return BuildError(
        ExitCode.NO_BASE,
        f"The base {source['alias']} could not be had from {source['server']}.",
        "Check the network, and `base` in the recipe.",
        log=reason,
    )


@contextmanager
def told() -> Iterator[None]:
    """Turn what LXD refuses, and its sudden end, into BuildError."""
    try:
        yield
    except LXDAPIException as error:
        raise failed("LXD refused a step of the build.", str(error)) from None
    except requests.RequestException as error:
        raise failed("LXD does not answer any more.", str(error)) from None


def remove(client: "pylxd.Client", name: str) -> None:
    """Stop the container hard and delete it; never raises."""
    for _ in range(3):
        try:
            instance = client.containers.get(name)
            if instance.status != "Stopped":
                instance.stop(force=True, wait=True)
            instance.delete(wait=True)
            return
        except LXDAPIException:
            time.sleep(0.5)
