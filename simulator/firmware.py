"""What firmware and iPXE do between the power button and the kernel."""

import http.client
import random
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass

from simulator import ipxe
from simulator.hardware.identity import Identity

MAX_SCRIPT = 64 * 1024  # bytes; Bearman's are below 2 kB
HTTP_SECONDS = 30.0
RETRY_SECONDS = (1.0, 4.0)  # servers try the network again and again

# Straight to the server: what a proxy in the environment says is not for machines on loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NothingToBootError(Exception):
    """The machine stays at the end of its boot order; the words say why."""


class PowerLostError(Exception):
    """The power went away in the middle."""


@dataclass(frozen=True, slots=True)
class Firmware:
    """Boots one machine over the network; `cut` is set when its power goes."""

    identity: Identity
    url: str
    cut: threading.Event

    def kernel_arguments(self) -> str:
        """Ask Bearman until it gives a kernel, and return the kernel's command line.

        Raises NothingToBootError for a script that hands on to the next device or is malformed,
        PowerLostError once the power is cut.
        """
        address = first = f"{self.url}/ipxe/{self.identity.uuid}"
        while True:
            ending = self._run(self._get(address))
            match ending:
                case ipxe.BootKernel(arguments):
                    return arguments
                case ipxe.Chain(url):
                    address = url
                case ipxe.Reboot():
                    address = first
                case ipxe.NextDevice(said):
                    raise NothingToBootError(said)

    def _run(self, script: str) -> ipxe.Ending:
        variables = {
            "uuid": self.identity.uuid,
            "serial": self.identity.serial,
            "manufacturer": self.identity.vendor,
            "product": self.identity.product,
            "net0/mac": self.identity.ports[0].mac,
            "mac": self.identity.ports[0].mac,
        }
        try:
            return ipxe.Interpreter(script, variables, self._sleep).run()
        except ipxe.ScriptError as error:
            raise NothingToBootError(f"iPXE: {error}") from error

    def _get(self, url: str) -> str:
        """The script at that URL. A server that is away is asked again for ever, as iPXE would."""
        while True:
            try:
                with _OPENER.open(url, timeout=HTTP_SECONDS) as response:
                    return str(response.read(MAX_SCRIPT).decode("utf-8", "replace"))
            except urllib.error.HTTPError as error:
                error.close()
                if error.code < 500:
                    raise NothingToBootError(f"iPXE: {url} answered {error.code}") from error
            except (OSError, http.client.HTTPException):
                pass  # away or restarting
            self._sleep(random.uniform(*RETRY_SECONDS))

    def _sleep(self, seconds: float) -> None:
        if self.cut.wait(seconds):
            raise PowerLostError
