"""What bearman-install does, without a shell: profile, detail, installed."""

import threading

import grpc

from protos.bearman.v1 import nodes_pb2
from simulator import fault as faults
from simulator.board import Board, Ending
from simulator.fault import Outcome, Trick
from simulator.firmware import PowerLostError
from simulator.light_calls import Calls, Channels, failure
from simulator.seed import Seed

SCRIPT_FAILURE = "the install script ended with code 1"
SCRIPT_LOG = "mkfs.ext4: Input/output error while writing out and closing file system\n"


class LightSystem:
    """One boot of a system that runs from memory. `cut` is set when the power goes."""

    def __init__(self, board: Board, cut: threading.Event, channels: Channels) -> None:
        self._board = board
        self._cut = cut
        self._channels = channels

    def run(self, arguments: str, seed: Seed) -> Ending | None:
        """Call back with this secret; None if the power went."""
        calls = Calls(self._channels.stub(seed.grpc), seed.token, self._cut)
        try:
            return self._set_up(calls, seed)
        except PowerLostError:
            return None
        except grpc.RpcError as error:
            return _ending(faults.UNRECOVERABLE_ERROR, failure(error))

    def _set_up(self, calls: Calls, seed: Seed) -> Ending:
        who = {"uuid": seed.uuid, "nonce": seed.nonce}
        calls.call(calls.stub.boot.Profile, nodes_pb2.ProfileRequest(**who))
        detail = calls.call(calls.stub.boot.Detail, nodes_pb2.DetailRequest(**who))
        if self._board.trick is Trick.SCRIPT_FAILS:
            report = nodes_pb2.ReportRequest(
                uuid=seed.uuid,
                step="configure",
                outcome=nodes_pb2.STEP_OUTCOME_FAILED,
                message=SCRIPT_FAILURE,
                log_tail=SCRIPT_LOG,
            )
            calls.call(calls.stub.boot.Report, report)
            return _ending(faults.UNRECOVERABLE_ERROR, SCRIPT_FAILURE)
        answer = calls.call(calls.stub.boot.Installed, nodes_pb2.InstalledRequest(**who))
        return _ending(answer.state, f"it is {detail.hostname}")


def _ending(status: str, words: str) -> Ending:
    return Ending(Outcome(status, lit=True), words)
