"""What firmware and iPXE do between the power button and the kernel."""

import http.client
import random
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass

from simulator import ipxe, newc
from simulator.hardware.identity import Identity

MAX_SCRIPT = 64 * 1024  # bytes; Bearman's are below 2 kB
MAX_SEED = 4 * 1024 * 1024  # bytes
PIECE = 256 * 1024  # bytes
HTTP_SECONDS = 30.0
RETRY_SECONDS = (1.0, 4.0)  # servers try the network again and again
SEED_PATH = "/seed/"

# Straight to the server: what a proxy in the environment says is not for machines on loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NothingToBootError(Exception):
    """The machine stays at the end of its boot order; the words say why."""


class PowerLostError(Exception):
    """The power went away in the middle."""


@dataclass(frozen=True, slots=True)
class NetworkBoot:
    """A kernel from the network: its command line, and what Bearman's piece of initramfs holds.

    Stage one has no such piece.
    """

    arguments: str
    seed: dict[str, newc.Entry] | None = None


@dataclass(frozen=True, slots=True)
class Firmware:
    """Boots one machine over the network; `cut` is set when its power goes.

    With `fetches` kernel and initramfs are fetched as iPXE does, and thrown away.
    """

    identity: Identity
    url: str
    cut: threading.Event
    fetches: bool = False

    def boot_network(self) -> NetworkBoot | ipxe.LocalDisk:
        """Ask Bearman until it gives a kernel, and return that, or that the disk comes next.

        Raises NothingToBootError for a script that hands on to the next device or is malformed,
        PowerLostError once the power is cut.
        """
        address = first = f"{self.url}/ipxe/{self.identity.uuid}"
        while True:
            ending = self._run(self._get(address).decode("utf-8", "replace"))
            match ending:
                case ipxe.BootKernel():
                    boot = self._load(ending)
                    if boot is not None:
                        return boot
                    address = first
                case ipxe.Chain(url):
                    address = url
                case ipxe.Reboot():
                    address = first
                case ipxe.LocalDisk():
                    return ending
                case ipxe.NextDevice(said):
                    raise NothingToBootError(said)

    def _load(self, kernel: ipxe.BootKernel) -> NetworkBoot | None:
        """Fetch what the kernel comes with; None where Bearman has taken it back meanwhile."""
        seeds = [url for url in kernel.initrds if SEED_PATH in url]
        try:
            entries = newc.read(b"".join(self._get(url, MAX_SEED) for url in seeds))
            if self.fetches and seeds:
                for url in {kernel.kernel, *kernel.initrds} - set(seeds):
                    self._fetch(url)
        except (NothingToBootError, newc.ArchiveError):
            self._sleep(random.uniform(*RETRY_SECONDS))  # the script's own `|| goto failed`
            return None
        return NetworkBoot(kernel.arguments, entries if seeds else None)

    def _run(self, script: str) -> ipxe.Ending:
        variables = {
            "uuid": self.identity.uuid,
            "serial": self.identity.serial,
            "manufacturer": self.identity.vendor,
            "product": self.identity.product,
            "net0/mac": self.identity.uplinks[0].mac,
            "netX/mac": self.identity.uplinks[0].mac,
            "mac": self.identity.uplinks[0].mac,
            "platform": "efi",
        }
        try:
            return ipxe.Interpreter(script, variables, self._sleep).run()
        except ipxe.ScriptError as error:
            raise NothingToBootError(f"iPXE: {error}") from error

    def _get(self, url: str, limit: int = MAX_SCRIPT) -> bytes:
        """What is at that URL. A server that is away is asked again for ever, as iPXE would."""
        while True:
            try:
                with _OPENER.open(url, timeout=HTTP_SECONDS) as response:
                    return bytes(response.read(limit))
            except urllib.error.HTTPError as error:
                error.close()
                if error.code < 500:
                    raise NothingToBootError(f"iPXE: {url} answered {error.code}") from error
            except (OSError, http.client.HTTPException):
                pass  # away or restarting
            self._sleep(random.uniform(*RETRY_SECONDS))

    def _fetch(self, url: str) -> None:
        """Read a file to its end and forget it; raises NothingToBootError."""
        try:
            with _OPENER.open(url, timeout=HTTP_SECONDS) as response:
                while response.read(PIECE):
                    self._sleep(0.0)
        except (OSError, http.client.HTTPException) as error:
            raise NothingToBootError(f"iPXE: {url}: {error}") from error

    def _sleep(self, seconds: float) -> None:
        if self.cut.wait(seconds):
            raise PowerLostError
