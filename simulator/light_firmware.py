"""What register.sh does about firmware, without a shell."""

import hashlib
from enum import Enum, auto

from protos.bearman.v1 import firmware_pb2, nodes_pb2
from simulator.board import Board
from simulator.door import Door
from simulator.firmware import PowerLostError
from simulator.flashing import ToolHangsError, ToolLostPowerError, flash, reading
from simulator.light_calls import Calls
from simulator.light_checks import NotPassedError, inventory

TIMED_OUT = 124  # exit code of timeout(1)
NOT_FETCHED = 125  # as boot_scripts/firmware.sh has it


class Applied(Enum):
    """What became of the updates that were due."""

    NONE = auto()
    SOME = auto()  # the machine should say anew what it has
    RESTARTS = auto()  # the machine restarts now


def check_firmware(board: Board, calls: Calls, door: Door, uuid: str) -> Applied:
    """Apply what is behind; raises NotPassedError or PowerLostError."""
    request = firmware_pb2.PlanFirmwareRequest(
        uuid=uuid, inventory=inventory(board), mc_info=board.bmc.device_id.words().encode()
    )
    plan = calls.call(calls.stub.firmware.PlanFirmware, request)
    if not plan.passed:
        raise NotPassedError(plan.status, plan.reason)
    applied = Applied.NONE
    for update in plan.updates:
        one = _Update(board, calls, door, uuid, update).apply()
        if one is Applied.RESTARTS:
            return one
        applied = one if one is Applied.SOME else applied
    return applied


class _Update:
    """One update of one machine."""

    def __init__(
        self,
        board: Board,
        calls: Calls,
        door: Door,
        uuid: str,
        update: firmware_pb2.FirmwareUpdate,
    ) -> None:
        self._board, self._calls, self._door = board, calls, door
        self._uuid, self._update = uuid, update

    def apply(self) -> Applied:
        """Fetch and apply it, and say so; raises NotPassedError or PowerLostError."""
        update = self._update
        if update.read_first:
            read = self._report(firmware_pb2.FIRMWARE_OUTCOME_READ, reading=self._reading())
            if not read.apply:
                return Applied.NONE
        content = self._door.get(update.artefact.url) if update.artefact.url else b""
        digest = hashlib.sha256(content).hexdigest()
        if update.artefact.url and digest != update.artefact.sha256:
            self._failed(NOT_FETCHED, f"{update.artefact.url.partition('?')[0]} came damaged")
        if not self._report(firmware_pb2.FIRMWARE_OUTCOME_STARTED).apply:
            return Applied.NONE
        self._run(content)
        if update.reboot:
            self._report(firmware_pb2.FIRMWARE_OUTCOME_REBOOTING)
            return Applied.RESTARTS
        self._report(firmware_pb2.FIRMWARE_OUTCOME_APPLIED, reading=self._reading())
        return Applied.SOME

    def _run(self, content: bytes) -> None:
        try:
            answer = flash(self._board, self._update.target, content)
        except ToolHangsError:
            self._failed(TIMED_OUT, "the tool did not end in time")
        except ToolLostPowerError as error:
            raise PowerLostError from error
        else:
            if answer.code:
                self._failed(answer.code, answer.output)

    def _failed(self, code: int, words: str) -> None:
        """Tell that it failed; the answer says that the registration has ended."""
        self._report(firmware_pb2.FIRMWARE_OUTCOME_FAILED, exit_code=code, log_tail=words)
        raise NotPassedError(nodes_pb2.NODE_STATUS_REGISTER_FAILED, words)

    def _reading(self) -> bytes:
        update = self._update
        return reading(self._board, update.read_with, update.component, update.target)

    def _report(
        self,
        outcome: firmware_pb2.FirmwareOutcome.ValueType,
        *,
        reading: bytes = b"",
        exit_code: int = 0,
        log_tail: str = "",
    ) -> firmware_pb2.ReportFirmwareResponse:
        request = firmware_pb2.ReportFirmwareRequest(
            uuid=self._uuid,
            update_id=self._update.id,
            outcome=outcome,
            reading=reading,
            exit_code=exit_code,
            log_tail=log_tail,
        )
        answer = self._calls.call(self._calls.stub.firmware.ReportFirmware, request)
        if not answer.passed:
            raise NotPassedError(answer.status, answer.reason)
        return answer
