"""A gRPC server that answers from a script, in place of Bearman."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import Message

from protos.bearman.v1 import (
    baremetal_pb2_grpc,
    firmware_pb2_grpc,
    images_pb2_grpc,
    issues_pb2_grpc,
    nodes_pb2_grpc,
    power_pb2_grpc,
    profiles_pb2_grpc,
    roundup_pb2_grpc,
    wiring_pb2_grpc,
)

# ruff: noqa: N802 - the methods are named as the protocol names them


@dataclass(frozen=True)
class Refusal:
    """A status in place of an answer."""

    status: grpc.StatusCode
    details: str = ""
    kind: str = ""  # the server's own name for it
    issue: str = ""
    advice: str = ""  # the end of `details`


Answer = Message | Refusal | Callable[[Any, grpc.ServicerContext], Any]


@dataclass
class Script:
    """What the methods answer, call by call (the last answer stays), and what they were asked."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[Any] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def on(self, method: str, *answers: Answer) -> None:
        """Answer calls of `method` with these, in turn."""
        self.answers[method] = list(answers)

    def take(self, method: str, request: Any, context: grpc.ServicerContext) -> Answer:
        """Note the call; return its answer."""
        with self.lock:
            self.requests.append(request)
            metadata = dict(context.invocation_metadata())
            self.tokens.append(str(metadata.get("authorization", "")))
            left = self.answers.get(method) or [
                Refusal(grpc.StatusCode.INTERNAL, f"no script for {method}")
            ]
            return left.pop(0) if len(left) > 1 else left[0]

    def call(self, method: str, request: Any, context: grpc.ServicerContext) -> Any:
        """Answer a unary call."""
        answer = self.take(method, request, context)
        if isinstance(answer, Refusal):
            context.set_trailing_metadata(
                (
                    ("bearman-error", answer.kind),
                    ("bearman-issue", answer.issue),
                    ("bearman-advice-bin", answer.advice.encode()),
                )
            )
            context.abort(answer.status, answer.details)
        return answer if isinstance(answer, Message) else answer(request, context)


class BootServicer(nodes_pb2_grpc.BootServiceServicer):
    """The node-facing service."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def Register(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("Register", request, context)

    def BmcConfigured(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("BmcConfigured", request, context)

    def Report(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("Report", request, context)

    def Ipxe(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("Ipxe", request, context)

    def Profile(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("Profile", request, context)

    def Detail(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("Detail", request, context)

    def Installed(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("Installed", request, context)


class NodeServicer(nodes_pb2_grpc.NodeServiceServicer):
    """The operator-facing service."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def ListNodes(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("ListNodes", request, context)

    def GetNode(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("GetNode", request, context)

    def WatchNodes(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        yield from self.script.call("WatchNodes", request, context)


class BaremetalServicer(baremetal_pb2_grpc.BaremetalServiceServicer):
    """The service of deployments."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def Deploy(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("Deploy", request, context)

    def Redeploy(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("Redeploy", request, context)

    def Release(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("Release", request, context)

    def ListBaremetals(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("ListBaremetals", request, context)

    def GetBaremetal(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("GetBaremetal", request, context)


class ProfileServicer(profiles_pb2_grpc.ProfileServiceServicer):
    """The service of profiles."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def ListProfiles(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("ListProfiles", request, context)

    def GetProfile(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("GetProfile", request, context)

    def RenderProfile(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("RenderProfile", request, context)


class ImageServicer(images_pb2_grpc.ImageServiceServicer):
    """The service of images."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def ListImages(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("ListImages", request, context)

    def GetImage(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("GetImage", request, context)

    def DiffImages(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("DiffImages", request, context)

    def BeginImage(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("BeginImage", request, context)

    def UploadImageFile(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("UploadImageFile", request, context)

    def CompleteImage(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("CompleteImage", request, context)

    def AbortImage(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("AbortImage", request, context)

    def PromoteImage(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("PromoteImage", request, context)

    def RollBackImage(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("RollBackImage", request, context)

    def DeleteImage(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("DeleteImage", request, context)


class PowerServicer(power_pb2_grpc.PowerServiceServicer):
    """The service of power."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def RequestPower(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("RequestPower", request, context)

    def GetPowerBatch(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("GetPowerBatch", request, context)


class WiringServicer(wiring_pb2_grpc.WiringServiceServicer):
    """The service of cables."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def CheckWiring(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("CheckWiring", request, context)


class FirmwareServicer(firmware_pb2_grpc.FirmwareServiceServicer):
    """The service of firmware."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def PlanFirmware(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("PlanFirmware", request, context)

    def ReportFirmware(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("ReportFirmware", request, context)


class IssueServicer(issues_pb2_grpc.IssueServiceServicer):
    """The service of the catalogue."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def ListIssues(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("ListIssues", request, context)


class RoundUpServicer(roundup_pb2_grpc.RoundUpServiceServicer):
    """The service of round-ups."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def RoundUp(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self.script.call("RoundUp", request, context)


def serve(
    script: Script, *, port: int = 0, credentials: grpc.ServerCredentials | None = None
) -> tuple[grpc.Server, int]:
    """Start a server on loopback that shares its port with nobody; returns it and its port."""
    server = grpc.server(ThreadPoolExecutor(8), options=(("grpc.so_reuseport", 0),))
    nodes_pb2_grpc.add_BootServiceServicer_to_server(BootServicer(script), server)
    nodes_pb2_grpc.add_NodeServiceServicer_to_server(NodeServicer(script), server)
    baremetal_pb2_grpc.add_BaremetalServiceServicer_to_server(BaremetalServicer(script), server)
    profiles_pb2_grpc.add_ProfileServiceServicer_to_server(ProfileServicer(script), server)
    images_pb2_grpc.add_ImageServiceServicer_to_server(ImageServicer(script), server)
    power_pb2_grpc.add_PowerServiceServicer_to_server(PowerServicer(script), server)
    wiring_pb2_grpc.add_WiringServiceServicer_to_server(WiringServicer(script), server)
    firmware_pb2_grpc.add_FirmwareServiceServicer_to_server(FirmwareServicer(script), server)
    roundup_pb2_grpc.add_RoundUpServiceServicer_to_server(RoundUpServicer(script), server)
    issues_pb2_grpc.add_IssueServiceServicer_to_server(IssueServicer(script), server)
    address = f"127.0.0.1:{port}"
    if credentials:
        port = server.add_secure_port(address, credentials)
    else:
        port = server.add_insecure_port(address)
    server.start()
    return server, port
