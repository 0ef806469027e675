"""What kexec.sh does, without a shell: the plan, the files, the seed, the jump."""

import hashlib

from protos.bearman.v1 import nodes_pb2
from simulator import fault as faults
from simulator.board import Board, Ending, Kexec
from simulator.door import Door
from simulator.fault import Outcome, Trick
from simulator.light_calls import Calls

LOADED = "the system is loaded; jumping into it"
# What kexec.sh says of an image that it does not trust, and the code of it.
UNTRUSTED = {
    Trick.UNSIGNED_IMAGE: ("the image is not signed", "DEP-023"),
    Trick.TAMPERED_MANIFEST: ("the manifest is signed by none of the keys", "DEP-024"),
}


def kexec(board: Board, calls: Calls, door: Door, uuid: str, *, fetches: bool) -> Kexec | Ending:
    """Do it; with `fetches` the kernel and the initramfs are fetched and compared as well.

    Raises grpc.RpcError, DoorError or PowerLostError.
    """
    plan = calls.call(calls.stub.boot.Ipxe, nodes_pb2.IpxeRequest(uuid=uuid)).plan
    files = (plan.kernel, plan.initramfs) if fetches else ()
    if board.trick in UNTRUSTED:
        return _refuse(calls, uuid, "verify", *UNTRUSTED[board.trick])
    damaged = next((file for file in files if not _is_whole(file, door)), None)
    if damaged or board.trick is Trick.DAMAGED_DOWNLOADS:
        address = (damaged or plan.kernel).url.partition("?")[0]  # the rest may be secret
        words = f"{address} came damaged, also at the second try"
        return _refuse(calls, uuid, "fetch", words, "DEP-002")
    seed = door.get(plan.seed_url)
    request = nodes_pb2.ReportRequest(
        uuid=uuid, step="kexec", outcome=nodes_pb2.STEP_OUTCOME_PROGRESS, message=LOADED
    )
    calls.call(calls.stub.boot.Report, request)
    return Kexec(plan.append, seed)


def _is_whole(file: nodes_pb2.BootFile, door: Door) -> bool:
    content = door.get(file.url)
    return len(content) == file.size and hashlib.sha256(content).hexdigest() == file.sha256


def _refuse(calls: Calls, uuid: str, step: str, words: str, issue: str) -> Ending:
    """Report it, and stay lit."""
    request = nodes_pb2.ReportRequest(
        uuid=uuid,
        step=step,
        outcome=nodes_pb2.STEP_OUTCOME_FAILED,
        message=words,
        issue=issue,
    )
    calls.call(calls.stub.boot.Report, request)
    return Ending(Outcome(faults.UNRECOVERABLE_ERROR, lit=True), words)
