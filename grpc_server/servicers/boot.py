"""bearman.v1.BootService: what machines say of themselves."""

import grpc

from bearman.lib.addresses import address_or_none
from bearman.lib.errors import Invalid
from grpc_server.caller import machine, source
from grpc_server.messages import status_out
from nodes.services.inventory import RawOutputs
from nodes.services.proof import bmc_prove
from nodes.services.registration import Registration, node_register
from nodes.services.reports import Report, node_report
from protos.bearman.v1 import nodes_pb2 as pb
from protos.bearman.v1 import nodes_pb2_grpc


class BootServicer(nodes_pb2_grpc.BootServiceServicer):
    """Each method is documented in protos/bearman/v1/nodes.proto."""

    def Register(
        self, request: pb.RegisterRequest, context: grpc.ServicerContext
    ) -> pb.RegisterResponse:
        """See nodes.services.registration.node_register."""
        done = node_register(
            caller=machine(context, request.uuid),
            raw=_outputs(request.inventory),
            address=address_or_none(request.address) or "",
            source=source(context),
        )
        return _registered(done)

    def BmcConfigured(
        self, request: pb.BmcConfiguredRequest, context: grpc.ServicerContext
    ) -> pb.BmcConfiguredResponse:
        """See nodes.services.proof.bmc_prove."""
        proof = bmc_prove(node_id=machine(context, request.uuid).node_id)
        return pb.BmcConfiguredResponse(
            proven=proof.proven,
            status=status_out(proof.status),
            reason=proof.reason,
            advice=proof.advice,
            retry=proof.retry,
        )

    def Report(self, request: pb.ReportRequest, context: grpc.ServicerContext) -> pb.ReportResponse:
        """See nodes.services.reports.node_report."""
        if request.outcome not in (pb.STEP_OUTCOME_PROGRESS, pb.STEP_OUTCOME_FAILED):
            raise Invalid("`outcome` must be PROGRESS or FAILED.")
        report = Report(
            step=request.step,
            failed=request.outcome == pb.STEP_OUTCOME_FAILED,
            message=request.message,
            log_tail=request.log_tail,
            address=address_or_none(request.address) or "",
        )
        status = node_report(caller=machine(context, request.uuid), report=report)
        return pb.ReportResponse(status=status_out(status or ""))


def _outputs(inventory: pb.Inventory) -> RawOutputs:
    return RawOutputs(
        dmidecode=inventory.dmidecode,
        lsblk=inventory.lsblk,
        ip_link=inventory.ip_link,
        ethtool={info.interface: info.output for info in inventory.ethtool},
    )


def _registered(done: Registration) -> pb.RegisterResponse:
    node, bmc = done.node, done.bmc
    return pb.RegisterResponse(
        node_id=str(node.pk),
        status=status_out(node.status),
        reason=node.reason,
        advice=node.advice,
        bmc=pb.BmcSettings(
            address=bmc.address,
            netmask=bmc.netmask,
            prefix_length=bmc.prefix_length,
            gateway=bmc.gateway,
            vlan_id=bmc.vlan_id,
            channel=bmc.channel,
            user_slot=bmc.user_slot,
            username=bmc.username,
            password=bmc.password,
        )
        if bmc
        else None,
    )
