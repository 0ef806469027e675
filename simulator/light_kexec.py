"""What kexec.sh does, without a shell: the plan, the files, the seed, the jump."""

import hashlib

from protos.bearman.v1 import nodes_pb2
from simulator import fault as faults
from simulator.board import Board, Ending, Kexec
from simulator.door import Door
from simulator.fault import Outcome, Trick
from simulator.light_calls import Calls


def kexec(board: Board, calls: Calls, door: Door, uuid: str, *, fetches: bool) -> Kexec | Ending:
    """Do it; with `fetches` the kernel and the initramfs are fetched and compared as well.

    Raises grpc.RpcError, DoorError or PowerLostError.
    """
    plan = calls.call(calls.stub.boot.Ipxe, nodes_pb2.IpxeRequest(uuid=uuid)).plan
    files = (plan.kernel, plan.initramfs) if fetches else ()
    damaged = next((file for file in files if not _is_whole(file, door)), None)
    if damaged or board.trick is Trick.DAMAGED_DOWNLOADS:
        words = f"{(damaged or plan.kernel).url} came damaged, also at the second try"
        _report(calls, uuid, "fetch", nodes_pb2.STEP_OUTCOME_FAILED, words)
        return Ending(Outcome(faults.UNRECOVERABLE_ERROR, lit=True), words)
    seed = door.get(plan.seed_url)
    words = "the system is loaded; jumping into it"
    _report(calls, uuid, "kexec", nodes_pb2.STEP_OUTCOME_PROGRESS, words)
    return Kexec(plan.append, seed)


def _is_whole(file: nodes_pb2.BootFile, door: Door) -> bool:
    content = door.get(file.url)
    return len(content) == file.size and hashlib.sha256(content).hexdigest() == file.sha256


def _report(
    calls: Calls, uuid: str, step: str, outcome: nodes_pb2.StepOutcome.ValueType, words: str
) -> None:
    request = nodes_pb2.ReportRequest(uuid=uuid, step=step, outcome=outcome, message=words)
    calls.call(calls.stub.boot.Report, request)
