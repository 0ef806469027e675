"""A small Bearman for tests of the simulator: the protocol, without a database."""

import hashlib
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs

import grpc

from nodes.bmc import BmcEndpoint, BmcError, BmcTimings, driver_for
from nodes.inventory import parse_dmidecode
from profiles.bundle import bundle
from protos.bearman.v1 import firmware_pb2 as fw
from protos.bearman.v1 import firmware_pb2_grpc, nodes_pb2_grpc, wiring_pb2_grpc
from protos.bearman.v1 import nodes_pb2 as pb
from protos.bearman.v1 import wiring_pb2 as wire
from simulator.fault import Needs
from simulator.lineup import FleetPlan, line_up
from tests.simulator.peer_checks import FirmwareDesk, WiringDesk

BOOT_SCRIPTS = Path(__file__).resolve().parents[2] / "boot_scripts"
FIRST_ADDRESS = IPv4Address("127.61.0.10")
TIMINGS = BmcTimings(login_s=4.0, command_s=4.0, attempts=1)
LIMIT = 2 * 1024 * 1024
Answer = TypeVar("Answer")


@dataclass
class PeerNode:
    """What the peer knows of one machine."""

    number: int
    uuid: str
    serial: str
    inventory: pb.Inventory
    status: pb.NodeStatus.ValueType = pb.NODE_STATUS_REGISTERING
    reason: str = ""
    issue: str = ""
    password: str = field(default_factory=lambda: secrets.token_hex(8))
    registrations: int = 1

    @property
    def address(self) -> str:
        return str(FIRST_ADDRESS + self.number)


class Peer(
    nodes_pb2_grpc.BootServiceServicer,
    wiring_pb2_grpc.WiringServiceServicer,
    firmware_pb2_grpc.FirmwareServiceServicer,
):
    """Nodes by number; `scripts` has the iPXE words for machines that get no token."""

    def __init__(self, bmc_port: int) -> None:
        self.bmc_port = bmc_port
        self.url = self.grpc_target = ""
        self.nodes: list[PeerNode] = []
        self.tokens: dict[str, str] = {}
        self.bound: dict[str, PeerNode] = {}
        self.scripts: dict[str, str] = {}
        self.away_for = 0
        self.lock = threading.Lock()
        self.register_sh = bundle("register.sh", BOOT_SCRIPTS)
        self.wiring, self.firmware = WiringDesk(), FirmwareDesk()

    def learn(self, plan: FleetPlan) -> FleetPlan:
        """Take the right cables and the right firmware of a plan for the wanted ones."""
        places = line_up(plan)
        self.wiring.learn(places)
        self.firmware.learn(places)
        return replace(plan, given=frozenset({Needs.PLAN, Needs.BASELINE}))

    # --- HTTP ---

    def get(self, path: str, authorization: str) -> tuple[int, bytes]:
        kind, _, rest = path.strip("/").partition("/")
        if kind == "ipxe":
            return 200, self._ipxe(rest).encode()
        if kind == "healthz":
            return 200, b"ok\n"
        if kind == "autorun" and self.tokens.get(authorization.removeprefix("Bearer ")) == rest:
            sha256 = hashlib.sha256(self.register_sh).hexdigest()
            return 200, f"register.sh {sha256} {self.url}/files/register.sh\n".encode()
        if path == "/files/register.sh":
            return 200, self.register_sh
        if kind == "artefacts" and rest in self.firmware.files:
            return 200, self.firmware.files[rest]
        return 403, b"not yours\n"

    def post(self, path: str, authorization: str, form: dict[str, list[str]]) -> tuple[int, bytes]:
        token = authorization.removeprefix("Bearer ")
        if path != f"/report/{self.tokens.get(token)}":
            return 403, b"not yours\n"
        node = self.bound.get(token)
        if node is None:
            return 409, b"not registered\n"
        self._note(node, form["message"][0] if form["outcome"] == ["failed"] else "")
        return 200, b"noted\n"

    def _note(self, node: PeerNode, failure: str) -> None:
        if failure:
            node.status, node.reason = pb.NODE_STATUS_REGISTER_FAILED, failure

    def _ipxe(self, uuid: str) -> str:
        if uuid in self.scripts:
            return self.scripts[uuid]
        token = secrets.token_urlsafe(24)
        self.tokens[token] = uuid
        return (
            f"#!ipxe\nkernel {self.url}/vmlinuz initrd=initrd.img boot=live"
            f" bearman.url={self.url} bearman.grpc={self.grpc_target}"
            f" bearman.uuid={uuid} bearman.token={token} || goto failed\n"
            f"initrd --name initrd.img {self.url}/initrd.img || goto failed\n"
            "boot || goto failed\n:failed\nsleep 30\nreboot\n"
        )

    # --- gRPC ---

    def Register(  # noqa: N802
        self, request: pb.RegisterRequest, context: grpc.ServicerContext
    ) -> pb.RegisterResponse:
        token = self._token(context)
        if self.away_for > 0:
            self.away_for -= 1
            context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        if self.tokens.get(token) != request.uuid:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "another machine's token")
        if request.inventory.ByteSize() > LIMIT:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the inventory is over 2 MiB")
        with self.lock:
            node = self._recognise(request)
            self.bound[token] = node
        if node.status == pb.NODE_STATUS_QUARANTINED:
            return pb.RegisterResponse(
                node_id=str(node.number), status=node.status, reason=node.reason
            )
        node.status = pb.NODE_STATUS_REGISTERING
        return pb.RegisterResponse(
            node_id=str(node.number),
            status=node.status,
            bmc=pb.BmcSettings(
                address=node.address,
                netmask="255.255.0.0",
                prefix_length=16,
                gateway="127.61.0.1",
                channel=1,
                user_slot=4,
                username="bearman",
                password=node.password,
            ),
        )

    def _recognise(self, request: pb.RegisterRequest) -> PeerNode:
        system = parse_dmidecode(request.inventory.dmidecode)
        serial, uuid = system.serial or "", system.uuid or ""
        for node in self.nodes:
            if (node.uuid, node.serial) == (uuid, serial):
                node.registrations += 1
                return node
        node = PeerNode(len(self.nodes), uuid, serial, request.inventory)
        twin = next((known for known in self.nodes if known.uuid == uuid), None)
        if twin or uuid != request.uuid or uuid.startswith("03000200-0400-0500-0006"):
            node.status = pb.NODE_STATUS_QUARANTINED
            node.reason = f"the UUID {uuid!r} names nobody"
        self.nodes.append(node)
        return node

    def BmcConfigured(  # noqa: N802
        self, request: pb.BmcConfiguredRequest, context: grpc.ServicerContext
    ) -> pb.BmcConfiguredResponse:
        node = self.bound[self._token(context)]
        endpoint = BmcEndpoint(node.address, "bearman", node.password, self.bmc_port)
        try:
            driver_for(endpoint, timings=TIMINGS).power_status()
        except BmcError as error:
            node.status = pb.NODE_STATUS_REGISTER_FAILED
            return pb.BmcConfiguredResponse(proven=False, status=node.status, reason=str(error))
        node.status = pb.NODE_STATUS_READY
        return pb.BmcConfiguredResponse(proven=True, status=node.status)

    def CheckWiring(  # noqa: N802
        self, request: wire.CheckWiringRequest, context: grpc.ServicerContext
    ) -> wire.CheckWiringResponse:
        node = self._node(context)
        with self.lock:
            code, words = self.wiring.check(node.serial, request)
        self._judge(node, code, words)
        return wire.CheckWiringResponse(
            passed=not code, status=node.status, issue=code, reason=words
        )

    def PlanFirmware(  # noqa: N802
        self, request: fw.PlanFirmwareRequest, context: grpc.ServicerContext
    ) -> fw.PlanFirmwareResponse:
        node = self._node(context)
        with self.lock:
            answer = self.firmware.plan(node.serial, request, self.url)
        self._judge(node, answer.issue, answer.reason)
        answer.status = node.status
        return answer

    def ReportFirmware(  # noqa: N802
        self, request: fw.ReportFirmwareRequest, context: grpc.ServicerContext
    ) -> fw.ReportFirmwareResponse:
        node = self._node(context)
        with self.lock:
            answer = self.firmware.report(node.serial, request)
        self._judge(node, answer.issue, answer.reason)
        answer.status = node.status
        return answer

    def _judge(self, node: PeerNode, code: str, words: str) -> None:
        if code:
            node.status = pb.NODE_STATUS_REGISTER_FAILED
            node.reason, node.issue = words, code

    def _node(self, context: grpc.ServicerContext) -> PeerNode:
        node = self.bound.get(self._token(context))
        if node is None:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not registered")
        assert node is not None
        return node

    def Report(  # noqa: N802
        self, request: pb.ReportRequest, context: grpc.ServicerContext
    ) -> pb.ReportResponse:
        node = self._node(context)
        self._note(node, request.message if request.outcome == pb.STEP_OUTCOME_FAILED else "")
        return pb.ReportResponse(status=node.status)

    def Ipxe(  # noqa: N802
        self, _request: pb.IpxeRequest, context: grpc.ServicerContext
    ) -> pb.IpxeResponse:
        return _not_here(context, pb.IpxeResponse())

    def Profile(  # noqa: N802
        self, _request: pb.ProfileRequest, context: grpc.ServicerContext
    ) -> pb.ProfileResponse:
        return _not_here(context, pb.ProfileResponse())

    def Detail(  # noqa: N802
        self, _request: pb.DetailRequest, context: grpc.ServicerContext
    ) -> pb.DetailResponse:
        return _not_here(context, pb.DetailResponse())

    def Installed(  # noqa: N802
        self, _request: pb.InstalledRequest, context: grpc.ServicerContext
    ) -> pb.InstalledResponse:
        return _not_here(context, pb.InstalledResponse())

    def _token(self, context: grpc.ServicerContext) -> str:
        metadata = {key: str(value) for key, value in context.invocation_metadata()}
        return metadata.get("authorization", "").removeprefix("Bearer ")


def _not_here(context: grpc.ServicerContext, answer: Answer) -> Answer:
    """The peer registers only; deployments are tested with the whole product."""
    context.set_code(grpc.StatusCode.UNIMPLEMENTED)
    return answer


@contextmanager
def running_peer(bmc_port: int) -> Iterator[Peer]:
    """A peer on free ports of loopback; it logs in to BMCs at `bmc_port`."""
    peer = Peer(bmc_port)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*peer.get(self.path, self.headers.get("Authorization", "")))

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._answer(*peer.post(self.path, self.headers.get("Authorization", ""), form))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output quiet."""

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=web.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    server = grpc.server(ThreadPoolExecutor(8))
    nodes_pb2_grpc.add_BootServiceServicer_to_server(peer, server)
    wiring_pb2_grpc.add_WiringServiceServicer_to_server(peer, server)
    firmware_pb2_grpc.add_FirmwareServiceServicer_to_server(peer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    peer.url, peer.grpc_target = f"http://127.0.0.1:{web.server_port}", f"127.0.0.1:{port}"
    try:
        yield peer
    finally:
        server.stop(None).wait()
        web.shutdown()
        web.server_close()
        thread.join()
