"""Stage one without shells: the same calls over the same protocol, for thousands of machines."""

import itertools
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import grpc

from protos.bearman.v1 import nodes_pb2, nodes_pb2_grpc
from simulator import faults
from simulator.bmc import BmcAddressError, LanParam, Privilege
from simulator.board import Board, Ending
from simulator.faults import Outcome, Trick
from simulator.ipmitool import Answer

Request = TypeVar("Request")
Response = TypeVar("Response")

CALL_SECONDS = 60.0
PATIENCE_SECONDS = 300.0  # for a Bearman that is away, as bearman-cli has it
PAUSE_SECONDS = (0.5, 3.0)
PASSING = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.ABORTED,  # another operation is under way on this BMC
)
CHANNELS = 8  # connections of a fleet: the server's processes share them out among themselves
CHANNEL_OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_reconnect_backoff_ms", 2000),
)
STATUSES = {
    nodes_pb2.NODE_STATUS_REGISTERING: faults.REGISTERING,
    nodes_pb2.NODE_STATUS_READY: faults.READY,
    nodes_pb2.NODE_STATUS_REGISTER_FAILED: faults.REGISTER_FAILED,
    nodes_pb2.NODE_STATUS_QUARANTINED: faults.QUARANTINED,
}


class PowerLossError(Exception):
    """The power went away between two calls."""


class Channels:
    """The connections of a fleet to its Bearman, opened when they are first needed."""

    def __init__(self) -> None:
        self._channels: dict[tuple[str, int], grpc.Channel] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def stub(self, target: str) -> nodes_pb2_grpc.BootServiceStub:
        """A stub on the next connection in turn."""
        with self._lock:
            key = (target, next(self._numbers) % CHANNELS)
            if key not in self._channels:
                self._channels[key] = grpc.insecure_channel(target, options=CHANNEL_OPTIONS)
            return nodes_pb2_grpc.BootServiceStub(self._channels[key])

    def close(self) -> None:
        """Close all connections; calls that are under way end with an error."""
        with self._lock:
            for channel in self._channels.values():
                channel.close()
            self._channels.clear()


class LightStageOne:
    """One boot of stage one. `cut` is set when the power goes."""

    frozen = False  # a machine that freezes ends its run instead: there is no process to stop

    def __init__(
        self, board: Board, cut: threading.Event, channels: Channels, *, first_boot: bool
    ) -> None:
        self._board = board
        self._cut = cut
        self._channels = channels
        self._first_boot = first_boot
        self._node_id = ""
        self._register_seconds: float | None = None

    def run(self, arguments: str) -> Ending | None:
        """Register with what this kernel command line says; None if the power went."""
        if self._board.trick is Trick.LOSES_NETWORK:
            return self._ending(faults.UNREGISTERED, "its link is down")
        try:
            return self._register(_settings(arguments))
        except PowerLossError:
            return None
        except grpc.RpcError as error:
            status = faults.REGISTER_FAILED if self._node_id else faults.UNREGISTERED
            return self._ending(status, f"{error.code().name}: {error.details()}")

    def answer(self, program: str, arguments: Sequence[str]) -> Answer | None:
        """No programs run, so none asks."""
        return Answer(1, f"{program} {' '.join(arguments)}: not in light mode\n")

    def _register(self, settings: dict[str, str]) -> Ending:
        uuid = settings["uuid"]
        stub = self._channels.stub(settings["grpc"])
        metadata = (("authorization", f"Bearer {settings['token']}"),)
        request = nodes_pb2.RegisterRequest(uuid=uuid, inventory=self._inventory())
        began = time.perf_counter()
        answer = self._call(stub.Register, request, metadata)
        self._register_seconds = time.perf_counter() - began
        self._node_id = answer.node_id
        if answer.status != nodes_pb2.NODE_STATUS_REGISTERING:
            return self._ending(STATUSES[answer.status], answer.reason)
        if self._board.trick is Trick.FREEZES:
            return self._ending(faults.REGISTERING, "it hangs")
        if self._board.trick is Trick.LOSES_POWER and self._first_boot:
            raise PowerLossError
        problem = self._set_bmc(answer.bmc)
        if problem:
            report = _failure(uuid, "bmc", problem)
            return self._ending(STATUSES[self._call(stub.Report, report, metadata).status], problem)
        return self._confirm(stub, uuid, metadata)

    def _confirm(
        self, stub: nodes_pb2_grpc.BootServiceStub, uuid: str, metadata: Sequence[tuple[str, str]]
    ) -> Ending:
        request = nodes_pb2.BmcConfiguredRequest(uuid=uuid)
        while True:
            answer = self._call(stub.BmcConfigured, request, metadata)
            if answer.proven:
                lit = self._board.trick is Trick.STAYS_ON
                return self._ending(faults.READY, "it did not switch off" if lit else "", lit=lit)
            if not answer.retry:
                report = _failure(uuid, "confirm", answer.reason)
                status = self._call(stub.Report, report, metadata).status
                return self._ending(STATUSES[status], answer.reason)
            self._pause()

    def _call(
        self,
        method: Callable[..., Response],
        request: Request,
        metadata: Sequence[tuple[str, str]],
    ) -> Response:
        """One call, again while Bearman is away; raises grpc.RpcError or PowerLossError."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return method(request, timeout=CALL_SECONDS, metadata=metadata)
            except grpc.RpcError as error:
                if error.code() not in PASSING or time.monotonic() > limit:
                    raise
            self._pause()

    def _pause(self) -> None:
        if self._cut.wait(random.uniform(*PAUSE_SECONDS)):
            raise PowerLossError

    def _inventory(self) -> nodes_pb2.Inventory:
        outputs = self._board.outputs()
        return nodes_pb2.Inventory(
            dmidecode=outputs.dmidecode,
            lsblk=outputs.lsblk,
            ip_link=outputs.ip_link,
            ethtool=[
                nodes_pb2.EthtoolInfo(interface=name, output=output)
                for name, output in self._board.ethtool().items()
            ],
        )

    def _set_bmc(self, wanted: nodes_pb2.BmcSettings) -> str:
        """Do what register.sh does with ipmitool; says what went wrong."""
        bmc = self._board.bmc
        try:
            bmc.set_user(
                wanted.user_slot,
                name=wanted.username,
                password=wanted.password,
                enabled=True,
                privilege=Privilege.ADMINISTRATOR,
                ipmi_messaging=True,
            )
            bmc.set_lan(LanParam.IPSRC, "static")
            bmc.set_lan(LanParam.NETMASK, wanted.netmask)
            bmc.set_lan(LanParam.GATEWAY, wanted.gateway or "0.0.0.0")
            bmc.set_lan(LanParam.VLAN, str(wanted.vlan_id or "off"))
            bmc.set_lan(LanParam.IPADDR, wanted.address)
        except (ValueError, BmcAddressError) as error:
            return str(error)
        return ""

    def _ending(self, status: str, words: str, *, lit: bool | None = None) -> Ending:
        if lit is None:
            lit = status != faults.READY
        outcome = Outcome(status, lit)
        return Ending(outcome, words, self._node_id, self._register_seconds)


def _settings(arguments: str) -> dict[str, str]:
    """The values of bearman.NAME=VALUE on a kernel command line."""
    words = (word.partition("=") for word in arguments.split())
    return {name.removeprefix("bearman."): value for name, _, value in words if value}


def _failure(uuid: str, step: str, words: str) -> nodes_pb2.ReportRequest:
    return nodes_pb2.ReportRequest(
        uuid=uuid, step=step, outcome=nodes_pb2.STEP_OUTCOME_FAILED, message=words
    )
