"""bearman.v1.WiringService: what machines say of their cables."""

import grpc

from grpc_server.caller import machine
from grpc_server.messages import found_out, status_out
from nodes.models import FindingSource
from nodes.services.wiring import wiring_check
from nodes.wiring.readings import RawLink, RawWiring
from protos.bearman.v1 import wiring_pb2 as pb
from protos.bearman.v1 import wiring_pb2_grpc


class WiringServicer(wiring_pb2_grpc.WiringServiceServicer):
    """Each method is documented in protos/bearman/v1/wiring.proto."""

    def CheckWiring(
        self, request: pb.CheckWiringRequest, context: grpc.ServicerContext
    ) -> pb.CheckWiringResponse:
        """See nodes.services.wiring.wiring_check."""
        links = [
            RawLink(link.interface, link.settings, link.module, link.module_error)
            for link in request.links
        ]
        verdict = wiring_check(
            caller=machine(context, request.uuid),
            raw=RawWiring(request.lldp, request.ip_link, links),
        )
        return pb.CheckWiringResponse(
            passed=verdict.passed,
            status=status_out(verdict.status),
            findings=[found_out(found, FindingSource.WIRING) for found in verdict.found],
            reason=verdict.reason,
            advice=verdict.advice,
            issue=verdict.issue.code if verdict.issue else "",
        )
