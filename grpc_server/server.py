"""The gRPC server: one process, many threads; run several on one port (SO_REUSEPORT)."""

import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from django.conf import settings
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from bearman.lib.errors import Unavailable
from grpc_server.errors import DoorInterceptor
from grpc_server.servicers.baremetals import BaremetalServicer
from grpc_server.servicers.boot import BootServicer
from grpc_server.servicers.firmware import FirmwareServicer
from grpc_server.servicers.identity import IdentityServicer
from grpc_server.servicers.images import ImageServicer
from grpc_server.servicers.ipman import IpmanServicer
from grpc_server.servicers.issues import IssueServicer
from grpc_server.servicers.nodes import NodeServicer
from grpc_server.servicers.power import PowerServicer
from grpc_server.servicers.profiles import ProfileServicer
from grpc_server.servicers.roundup import RoundUpServicer
from grpc_server.servicers.wiring import WiringServicer
from protos.bearman.v1 import (
    baremetal_pb2,
    baremetal_pb2_grpc,
    firmware_pb2,
    firmware_pb2_grpc,
    identity_pb2,
    identity_pb2_grpc,
    images_pb2,
    images_pb2_grpc,
    issues_pb2,
    issues_pb2_grpc,
    nodes_pb2,
    nodes_pb2_grpc,
    power_pb2,
    power_pb2_grpc,
    profiles_pb2,
    profiles_pb2_grpc,
    roundup_pb2,
    roundup_pb2_grpc,
    wiring_pb2,
    wiring_pb2_grpc,
)
from protos.ipman.v1 import ipman_pb2, ipman_pb2_grpc

# Well over BEARMAN_INVENTORY_MAX_BYTES, so that what is too large is refused in our own words.
MAX_MESSAGE_BYTES = 16 * 1024 * 1024

_OPTIONS = [
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_metadata_size", 16 * 1024),
    ("grpc.so_reuseport", 1),
    ("grpc.keepalive_time_ms", 60_000),
]


def build(bind: str) -> tuple[grpc.Server, int]:
    """Return a server that is bound to `bind` (HOST:PORT, port 0 for a free one) and its port.

    It has health and reflection, and TLS where BEARMAN_GRPC_TLS_CERT is set. Raises Unavailable
    where the port cannot be had.
    """
    threads = settings.GRPC_THREADS
    server = grpc.server(
        ThreadPoolExecutor(threads, thread_name_prefix="grpc"),
        interceptors=[DoorInterceptor()],
        options=_OPTIONS,
    )
    nodes_pb2_grpc.add_BootServiceServicer_to_server(BootServicer(), server)
    nodes_pb2_grpc.add_NodeServiceServicer_to_server(NodeServicer(max(1, threads // 2)), server)
    baremetal_pb2_grpc.add_BaremetalServiceServicer_to_server(BaremetalServicer(), server)
    power_pb2_grpc.add_PowerServiceServicer_to_server(PowerServicer(), server)
    profiles_pb2_grpc.add_ProfileServiceServicer_to_server(ProfileServicer(), server)
    roundup_pb2_grpc.add_RoundUpServiceServicer_to_server(RoundUpServicer(), server)
    wiring_pb2_grpc.add_WiringServiceServicer_to_server(WiringServicer(), server)
    issues_pb2_grpc.add_IssueServiceServicer_to_server(IssueServicer(), server)
    firmware_pb2_grpc.add_FirmwareServiceServicer_to_server(FirmwareServicer(), server)
    identity_pb2_grpc.add_IdentityServiceServicer_to_server(IdentityServicer(), server)
    images_pb2_grpc.add_ImageServiceServicer_to_server(ImageServicer(max(1, threads // 4)), server)
    ipman_pb2_grpc.add_IpmanServiceServicer_to_server(IpmanServicer(), server)
    _add_health_and_reflection(server)
    return server, _bind(server, bind)


def _add_health_and_reflection(server: grpc.Server) -> None:
    services = [
        nodes_pb2.DESCRIPTOR.services_by_name["BootService"].full_name,
        nodes_pb2.DESCRIPTOR.services_by_name["NodeService"].full_name,
        baremetal_pb2.DESCRIPTOR.services_by_name["BaremetalService"].full_name,
        power_pb2.DESCRIPTOR.services_by_name["PowerService"].full_name,
        profiles_pb2.DESCRIPTOR.services_by_name["ProfileService"].full_name,
        roundup_pb2.DESCRIPTOR.services_by_name["RoundUpService"].full_name,
        wiring_pb2.DESCRIPTOR.services_by_name["WiringService"].full_name,
        issues_pb2.DESCRIPTOR.services_by_name["IssueService"].full_name,
        firmware_pb2.DESCRIPTOR.services_by_name["FirmwareService"].full_name,
        identity_pb2.DESCRIPTOR.services_by_name["IdentityService"].full_name,
        images_pb2.DESCRIPTOR.services_by_name["ImageService"].full_name,
        ipman_pb2.DESCRIPTOR.services_by_name["IpmanService"].full_name,
    ]
    checks = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    for name in ("", *services):
        checks.set(name, health_pb2.HealthCheckResponse.SERVING)
    reflection.enable_server_reflection(
        [*services, health.SERVICE_NAME, reflection.SERVICE_NAME], server
    )


def _bind(server: grpc.Server, bind: str) -> int:
    credentials = _tls() if settings.GRPC_TLS_CERT else None
    try:
        if credentials:
            return server.add_secure_port(bind, credentials)
        return server.add_insecure_port(bind)
    except RuntimeError as error:
        raise Unavailable(
            f"The gRPC door cannot have {bind}: {error}.",
            advice="Set BEARMAN_GRPC_BIND to a free HOST:PORT.",
        ) from error


def _tls() -> grpc.ServerCredentials:
    """Read certificate and key; raises Unavailable where they cannot be read or do not match."""
    certificate, key = settings.GRPC_TLS_CERT, settings.GRPC_TLS_KEY
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
        return grpc.ssl_server_credentials(
            [(Path(key).read_bytes(), Path(certificate).read_bytes())]
        )
    except (OSError, ssl.SSLError) as error:
        raise Unavailable(
            f"TLS for gRPC cannot use {certificate!r} and {key!r}: {error}.",
            advice="BEARMAN_GRPC_TLS_CERT and BEARMAN_GRPC_TLS_KEY name files in PEM form.",
        ) from error
