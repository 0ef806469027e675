"""bearman.v1.BootService: what machines say of themselves."""

import grpc

from baremetal.models import Baremetal
from baremetal.services import machine as machines
from baremetal.services.boot import boot_script
from baremetal.services.machine import File, Plan, system_caller
from baremetal.services.reports import machine_report
from bearman.lib.addresses import address_or_none
from bearman.lib.errors import Invalid
from grpc_server.caller import has_token, machine, source, token_of, uuid_of
from grpc_server.messages import outputs, status_out
from nodes.services.boot import ANY_PURPOSE, Purpose
from nodes.services.proof import bmc_prove
from nodes.services.registration import Registration, node_register
from nodes.services.reports import Report
from nodes.states import NodeStatus
from profiles.facts import Address, Facts
from protos.bearman.v1 import nodes_pb2 as pb
from protos.bearman.v1 import nodes_pb2_grpc

STATUSES = frozenset(status.value for status in NodeStatus)
OUTCOMES = (pb.STEP_OUTCOME_PROGRESS, pb.STEP_OUTCOME_FAILED, pb.STEP_OUTCOME_COLD_BOOT)


class BootServicer(nodes_pb2_grpc.BootServiceServicer):
    """Each method is documented in protos/bearman/v1/nodes.proto."""

    def Register(
        self, request: pb.RegisterRequest, context: grpc.ServicerContext
    ) -> pb.RegisterResponse:
        """See nodes.services.registration.node_register."""
        done = node_register(
            caller=machine(context, request.uuid),
            raw=outputs(request.inventory),
            address=address_or_none(request.address) or "",
            source=source(context),
        )
        return _registered(done)

    def BmcConfigured(
        self, request: pb.BmcConfiguredRequest, context: grpc.ServicerContext
    ) -> pb.BmcConfiguredResponse:
        """See nodes.services.proof.bmc_prove."""
        proof = bmc_prove(caller=machine(context, request.uuid))
        return pb.BmcConfiguredResponse(
            proven=proof.proven,
            status=status_out(proof.status),
            reason=proof.reason,
            advice=proof.advice,
            retry=proof.retry,
            issue=proof.issue.code if proof.issue else "",
        )

    def Report(self, request: pb.ReportRequest, context: grpc.ServicerContext) -> pb.ReportResponse:
        """See baremetal.services.reports.machine_report."""
        if request.outcome not in OUTCOMES:
            raise Invalid("`outcome` must be PROGRESS, FAILED or COLD_BOOT.")
        report = Report(
            step=request.step,
            failed=request.outcome == pb.STEP_OUTCOME_FAILED,
            message=request.message,
            log_tail=request.log_tail,
            address=address_or_none(request.address) or "",
            issue=request.issue,
            advice=request.advice,
            light=request.light,
        )
        state = machine_report(
            caller=machine(context, request.uuid, ANY_PURPOSE),
            report=report,
            source=source(context),
            cold=request.outcome == pb.STEP_OUTCOME_COLD_BOOT,
        )
        # A deployment's state is none of a node's; its machine needs to know no more than that.
        known = state if state in STATUSES else ""
        return pb.ReportResponse(status=status_out(known))

    def Ipxe(self, request: pb.IpxeRequest, context: grpc.ServicerContext) -> pb.IpxeResponse:
        """See baremetal.services.boot.boot_script, and plan_get for a call with a token."""
        if not has_token(context):
            script = boot_script(uuid_text=request.uuid, source=source(context))
            return pb.IpxeResponse(script=script)
        caller = machine(context, request.uuid, (Purpose.DEPLOY,))
        return pb.IpxeResponse(plan=_plan(machines.plan_get(caller=caller)))

    def Profile(
        self, request: pb.ProfileRequest, context: grpc.ServicerContext
    ) -> pb.ProfileResponse:
        """See baremetal.services.machine.script_get."""
        script = machines.script_get(row=_system(request, context))
        return pb.ProfileResponse(
            name=script.name, version=script.version, install_script=script.text
        )

    def Detail(self, request: pb.DetailRequest, context: grpc.ServicerContext) -> pb.DetailResponse:
        """See baremetal.services.machine.detail_get."""
        return _detail(machines.detail_get(row=_system(request, context)))

    def Installed(
        self, request: pb.InstalledRequest, context: grpc.ServicerContext
    ) -> pb.InstalledResponse:
        """See baremetal.services.machine.installed."""
        state = machines.installed(row=_system(request, context))
        return pb.InstalledResponse(state=state)


def _system(
    request: pb.ProfileRequest | pb.DetailRequest | pb.InstalledRequest,
    context: grpc.ServicerContext,
) -> Baremetal:
    return system_caller(
        token=token_of(context),
        uuid=uuid_of(request.uuid),
        source=source(context),
        nonce=request.nonce[:64],
    )


def _plan(plan: Plan) -> pb.BootPlan:
    return pb.BootPlan(
        kernel=_file(plan.kernel),
        initramfs=_file(plan.initramfs),
        root=_file(plan.root) if plan.root else None,
        seed_url=plan.seed_url,
        append=plan.append,
        nonce=plan.nonce,
        memory_bytes=plan.memory_bytes,
        denied_nics=[
            pb.DeniedNic(driver=driver, firmware=firmware) for driver, firmware in plan.denied
        ],
    )


def _file(file: File) -> pb.BootFile:
    return pb.BootFile(url=file.url, size=file.size, sha256=file.sha256)


def _detail(facts: Facts) -> pb.DetailResponse:
    return pb.DetailResponse(
        hostname=facts.hostname,
        domain=facts.domain,
        addresses=map(_address, facts.addresses),
        links=[pb.ServiceLink(name=link.name, mac=link.mac) for link in facts.links],
        bond_mode=facts.bond_mode,
        dns=facts.dns,
        ssh_keys=facts.ssh_keys,
        disk=facts.disk,
        zone=facts.zone,
        baremetal_id=facts.baremetal_id,
    )


def _address(address: Address) -> pb.ServiceAddress:
    return pb.ServiceAddress(
        address=address.address,
        prefix_length=address.prefix_length,
        netmask=address.netmask,
        gateway=address.gateway,
        vlan_id=address.vlan_id,
    )


def _registered(done: Registration) -> pb.RegisterResponse:
    node, bmc = done.node, done.bmc
    return pb.RegisterResponse(
        node_id=str(node.pk),
        status=status_out(node.status),
        reason=node.reason,
        advice=node.advice,
        issue=node.issue,
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
