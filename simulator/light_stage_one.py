"""Stage one without shells: the same calls over the same protocol, for thousands of machines."""

import threading
import time
from collections.abc import Sequence

import grpc

from protos.bearman.v1 import nodes_pb2
from simulator import fault as faults
from simulator.bmc import BmcAddressError, LanParam, Privilege
from simulator.board import Board, Ending, Kexec, Restart
from simulator.door import Door, DoorError
from simulator.fault import Outcome, Trick
from simulator.firmware import PowerLostError
from simulator.ipmitool import Answer
from simulator.light_calls import Calls, Channels, failure
from simulator.light_checks import NotPassedError, check_wiring, inventory
from simulator.light_firmware import Applied, check_firmware
from simulator.light_kexec import kexec

STATUSES = {
    nodes_pb2.NODE_STATUS_REGISTERING: faults.REGISTERING,
    nodes_pb2.NODE_STATUS_READY: faults.READY,
    nodes_pb2.NODE_STATUS_REGISTER_FAILED: faults.REGISTER_FAILED,
    nodes_pb2.NODE_STATUS_QUARANTINED: faults.QUARANTINED,
}
KEXEC_SCRIPT = "kexec.sh"


class LightStageOne:
    """One boot of stage one. `cut` is set when the power goes."""

    frozen = False  # a machine that freezes ends its run instead: there is no process to stop

    def __init__(
        self,
        board: Board,
        cut: threading.Event,
        channels: Channels,
        *,
        first_boot: bool,
        fetches: bool = False,
    ) -> None:
        self._board = board
        self._cut = cut
        self._channels = channels
        self._first_boot = first_boot
        self._fetches = fetches
        self._node_id = ""
        self._register_seconds: float | None = None

    def run(self, arguments: str) -> Ending | Kexec | Restart | None:
        """Do what is due, with what this kernel command line says; None if the power went."""
        if self._board.trick is Trick.LOSES_NETWORK:
            return self._ending(faults.UNREGISTERED, "its link is down")
        settings = _settings(arguments)
        door = Door(
            settings["url"], settings["uuid"], settings["token"], self._cut, ca=self._board.ca
        )
        calls = Calls(self._channels.stub(settings["grpc"]), settings["token"], self._cut)
        deploys = False
        try:
            deploys = door.get("autorun").decode().partition(" ")[0] == KEXEC_SCRIPT
            if deploys:
                return kexec(self._board, calls, door, settings["uuid"], fetches=self._fetches)
            return self._register(calls, door, settings["uuid"])
        except PowerLostError:
            return None
        except (grpc.RpcError, DoorError) as error:
            words = failure(error) if isinstance(error, grpc.RpcError) else str(error)
            return self._ending(self._failed(deploys), words)

    def answer(self, program: str, arguments: Sequence[str]) -> Answer | None:
        """No programs run, so none asks."""
        return Answer(1, f"{program} {' '.join(arguments)}: not in light mode\n")

    def _failed(self, deploys: bool) -> str:
        if deploys:
            return faults.UNRECOVERABLE_ERROR
        return faults.REGISTER_FAILED if self._node_id else faults.UNREGISTERED

    def _register(self, calls: Calls, door: Door, uuid: str) -> Ending | Restart:
        answer = self._introduce(calls, uuid)
        if answer.status != nodes_pb2.NODE_STATUS_REGISTERING:
            return self._ending(STATUSES[answer.status], answer.reason)
        try:
            check_wiring(self._board, calls, uuid)
            applied = check_firmware(self._board, calls, door, uuid)
        except NotPassedError as refusal:
            return self._ending(STATUSES[refusal.status], str(refusal))
        if applied is Applied.RESTARTS:
            return Restart(installed=False)
        if applied is Applied.SOME:
            answer = self._introduce(calls, uuid)
        return self._give_address(calls, uuid, answer)

    def _introduce(self, calls: Calls, uuid: str) -> nodes_pb2.RegisterResponse:
        request = nodes_pb2.RegisterRequest(uuid=uuid, inventory=inventory(self._board))
        began = time.perf_counter()
        answer = calls.call(calls.stub.boot.Register, request)
        self._register_seconds = time.perf_counter() - began
        self._node_id = answer.node_id
        return answer

    def _give_address(self, calls: Calls, uuid: str, answer: nodes_pb2.RegisterResponse) -> Ending:
        if self._board.trick is Trick.FREEZES:
            return self._ending(faults.REGISTERING, "it hangs")
        if self._board.trick is Trick.LOSES_POWER and self._first_boot:
            raise PowerLostError
        problem = self._set_bmc(answer.bmc)
        if problem:
            report = _failure(uuid, "bmc", problem)
            return self._ending(
                STATUSES[calls.call(calls.stub.boot.Report, report).status], problem
            )
        return self._confirm(calls, uuid)

    def _confirm(self, calls: Calls, uuid: str) -> Ending:
        request = nodes_pb2.BmcConfiguredRequest(uuid=uuid)
        while True:
            answer = calls.call(calls.stub.boot.BmcConfigured, request)
            if answer.proven:
                lit = self._board.trick is Trick.STAYS_ON
                return self._ending(faults.READY, "it did not switch off" if lit else "", lit=lit)
            if not answer.retry:
                report = _failure(uuid, "confirm", answer.reason)
                status = calls.call(calls.stub.boot.Report, report).status
                return self._ending(STATUSES[status], answer.reason)
            calls.pause()

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
