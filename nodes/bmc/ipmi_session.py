"""One IPMI session on a socket of its own, bounded in time: pyghmi's wire format, our waiting.

pyghmi's default session shares sockets, callbacks and a thread between all BMCs of a process;
its `simplesession` shares nothing but waits for ever. See docs/decisions for the measurements.
"""

import random
import secrets
import socket
import struct
import time
from typing import Any, Self

from pyghmi.exceptions import IpmiException
from pyghmi.ipmi.private import simplesession

from bearman.lib.issues import bmc
from nodes.bmc.base import BmcEndpoint, BmcTimings
from nodes.bmc.errors import BmcError, BmcRefused, BmcTimeout
from nodes.bmc.ipmi_errors import command_error, login_error

ADMINISTRATOR = 4  # privilege level: IPMI 2.0 section 22.18
MAX_DATAGRAM = 1024  # longer than any IPMI message
FIRST_RESEND_S = 1.0  # then 2, 4, ...: slow BMCs need a second for a login step
JITTER = 0.25
SHA256, SHA1 = 256, 1  # pyghmi's names for cipher suites 17 and 3

# What a malformed datagram makes pyghmi's parser raise.
MALFORMED = (LookupError, struct.error, ValueError, TypeError, AttributeError)


class IpmiSession(simplesession.Session):  # type: ignore[misc]
    """A logged-in session. Use it as a context manager: it logs out and closes its socket.

    The constructor logs in; it raises BmcAuthError, BmcTimeout or BmcRefused.
    """

    lastpayload: bytearray | None  # pyghmi's: what waits for an answer

    def __init__(self, endpoint: BmcEndpoint, timings: BmcTimings) -> None:
        self._timings = timings
        self._rounds = 0
        self._status = 0
        self._port_closed = False
        self._resend_s = FIRST_RESEND_S
        self._allow(timings.login_s, repeatable=True)
        try:
            super().__init__(
                bmc=endpoint.host,
                userid=endpoint.username,
                password=endpoint.password,
                port=endpoint.port,
                privlevel=ADMINISTRATOR,
                keepalive=False,
            )
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(
        self, netfn: int, command: int, data: tuple[int, ...] = (), *, repeatable: bool = True
    ) -> bytes:
        """Data of the answer to one command; one that is not repeatable is sent only once.

        Raises BmcTimeout, BmcRefused for an error code, BmcAuthError for too little privilege.
        """
        self._allow(self._timings.command_s, repeatable=repeatable)
        try:
            reply = self.raw_command(netfn=netfn, command=command, data=data)
        except IpmiException as error:
            raise self._silence("closed the session") from error
        if reply["code"]:
            raise command_error(self.bmc, reply)
        return bytes(reply["data"])

    def close(self) -> None:
        """Log out without waiting for the answer, and close the socket."""
        try:
            if getattr(self, "logged", False):
                self.incommand = False
                self.lastpayload = None
                self.pendingpayloads.clear()
                self.logout()
        except (BmcError, IpmiException):
            pass  # it was the last we wanted of this BMC; an idle session ends by itself
        finally:
            simplesession.Session.keepalive_sessions.pop(self, None)
            if getattr(self, "socket", None):
                self.socket.close()

    def login(self) -> None:
        """Begin the login from its first message; every other round offers cipher suite 3."""
        self.logontries = 0  # pyghmi's own retries stay off: they would repeat a wrong password
        self._initsession()
        self.localsid = secrets.randbelow(0xFFFFFF00)  # answers to older rounds are not ours
        self.attemptedhash = SHA1 if self._rounds % 2 else SHA256
        self._get_channel_auth_cap()

    def onlogon(self, parameter: dict[str, Any]) -> None:
        """pyghmi's report of how the login went."""
        if "error" in parameter:
            words = str(parameter["error"])
            raise login_error(self.bmc, self.sessioncontext, self._status, words)
        super().onlogon(parameter)

    def wait_for_rsp(self) -> None:
        """Take in one datagram, or speak again after silence; raises BmcTimeout when it is late."""
        now = time.monotonic()
        if now >= self._deadline:
            closed = f": its UDP port {self.port} is closed" if self._port_closed else ""
            raise self._silence(f"did not answer within {self._allowed_s:g} s{closed}")
        if now >= self._resend_at:
            self._speak_again()
            return
        self.socket.settimeout(min(self._deadline, self._resend_at) - now)
        try:
            datagram = self.socket.recv(MAX_DATAGRAM)
        except TimeoutError:
            return
        except ConnectionRefusedError:  # perhaps a BMC that is just starting: wait all the same
            self._port_closed = True
            return
        except OSError as error:
            raise self._silence(f"cannot be reached: {error.strerror}") from error
        self._take(datagram)

    def awaitresponse(self, retry: bool) -> None:
        """Wait until the command under way is answered."""
        while retry and self.lastresponse is None and self.logged:
            self.wait_for_rsp()

    def _assignsocket(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.bmc else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_DGRAM)
        try:
            connection.connect((self.bmc, self.port))  # from now on only this BMC is heard
        except OSError as error:
            connection.close()
            raise self._silence(f"cannot be reached: {error.strerror}") from error
        return connection

    def _xmit_packet(self, *_: object, **__: object) -> None:
        if self.sequencenumber:
            self.sequencenumber += 1
        pause = self._resend_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311, no secret
        self._resend_at = time.monotonic() + pause
        try:
            self.socket.send(self.netpacket)
        except ConnectionRefusedError:
            return  # reports the fate of the datagram before: silence
        except OSError as error:
            raise self._silence(f"cannot be reached: {error.strerror}") from error

    def _take(self, datagram: bytes) -> None:
        data = bytearray(datagram)
        if data[:4] != b"\x06\x00\xff\x07":
            return
        try:
            self._handle_ipmi_packet(data, sockaddr=(self.bmc, self.port))
        except MALFORMED:
            return  # not an answer; the deadline bounds how long such a BMC is listened to

    def _allow(self, seconds: float, *, repeatable: bool) -> None:
        self._allowed_s = seconds
        self._deadline = time.monotonic() + seconds
        self._resend_at = self._deadline
        self._repeatable = repeatable

    def _speak_again(self) -> None:
        self._rounds += 1
        self._resend_s *= 2
        self._resend_at = self._deadline
        if not self.logged:
            self.login()  # RAKP messages may not be repeated: IPMI 2.0 section 13.17
        elif self._repeatable and self.lastpayload:
            self.send_payload()

    def _got_rmcp_response(self, data: bytearray) -> int | None:
        self._status = data[1]
        return super()._got_rmcp_response(data)  # type: ignore[no-any-return]

    def _got_rakp2(self, data: bytearray) -> int | None:
        self._status = data[1]
        return super()._got_rakp2(data)  # type: ignore[no-any-return]

    def _got_rakp4(self, data: bytearray) -> int | None:
        self._status = data[1]
        return super()._got_rakp4(data)  # type: ignore[no-any-return]

    def _get_session_challenge(self) -> None:
        words = "speaks only IPMI 1.5, and Bearman needs 2.0 (RMCP+)"
        raise BmcRefused(self.bmc, words, 0, issue=bmc.NO_CIPHER)

    def _silence(self, problem: str) -> BmcTimeout:
        unsure = not self._repeatable
        outcome = "; it may or may not have carried out the command" if unsure else ""
        return BmcTimeout(self.bmc, problem + outcome, may_have_acted=unsure)
