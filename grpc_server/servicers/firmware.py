"""bearman.v1.FirmwareService: what machines ask and say of their firmware."""

import grpc

from bearman.lib.errors import Invalid
from grpc_server.caller import machine
from grpc_server.messages import found_out, outputs, status_out
from nodes.models import FindingSource
from nodes.services.firmware import PlannedUpdate, firmware_plan
from nodes.services.firmware_report import FirmwareReport, Outcome, firmware_report
from protos.bearman.v1 import firmware_pb2 as pb
from protos.bearman.v1 import firmware_pb2_grpc
from protos.bearman.v1 import nodes_pb2 as nodes

_OUTCOMES: dict[int, Outcome] = {
    pb.FIRMWARE_OUTCOME_READ: Outcome.READ,
    pb.FIRMWARE_OUTCOME_STARTED: Outcome.STARTED,
    pb.FIRMWARE_OUTCOME_APPLIED: Outcome.APPLIED,
    pb.FIRMWARE_OUTCOME_REBOOTING: Outcome.REBOOTING,
    pb.FIRMWARE_OUTCOME_FAILED: Outcome.FAILED,
}


class FirmwareServicer(firmware_pb2_grpc.FirmwareServiceServicer):
    """Each method is documented in protos/bearman/v1/firmware.proto."""

    def PlanFirmware(
        self, request: pb.PlanFirmwareRequest, context: grpc.ServicerContext
    ) -> pb.PlanFirmwareResponse:
        """See nodes.services.firmware.firmware_plan."""
        plan = firmware_plan(
            caller=machine(context, request.uuid),
            raw=outputs(request.inventory),
            mc_info=request.mc_info,
        )
        verdict = plan.verdict
        return pb.PlanFirmwareResponse(
            updates=map(_update, plan.updates),
            findings=[found_out(found, FindingSource.FIRMWARE) for found in plan.found],
            passed=verdict.passed,
            status=status_out(verdict.status),
            reason=verdict.reason,
            advice=verdict.advice,
            issue=verdict.issue.code if verdict.issue else "",
        )

    def ReportFirmware(
        self, request: pb.ReportFirmwareRequest, context: grpc.ServicerContext
    ) -> pb.ReportFirmwareResponse:
        """See nodes.services.firmware_report.firmware_report."""
        outcome = _OUTCOMES.get(request.outcome)
        if outcome is None:
            raise Invalid("`outcome` must be READ, STARTED, APPLIED, REBOOTING or FAILED.")
        apply, verdict = firmware_report(
            caller=machine(context, request.uuid),
            update_id=request.update_id,
            report=FirmwareReport(outcome, request.reading, request.exit_code, request.log_tail),
        )
        return pb.ReportFirmwareResponse(
            apply=apply,
            passed=verdict.passed,
            status=status_out(verdict.status),
            reason=verdict.reason,
            advice=verdict.advice,
            issue=verdict.issue.code if verdict.issue else "",
        )


def _update(planned: PlannedUpdate) -> pb.FirmwareUpdate:
    row, baseline = planned.row, planned.row.baseline
    return pb.FirmwareUpdate(
        id=row.pk,
        component=baseline.component,
        target=row.target,
        title=row.title,
        from_version=row.from_version,
        wanted_version=row.wanted_version,
        tool=baseline.tool,
        artefact=nodes.BootFile(
            url=planned.url, size=baseline.artefact_size, sha256=baseline.artefact_sha256
        ),
        arguments=baseline.arguments,
        read_with=baseline.read_with,
        read_first=planned.read_first,
        reboot=baseline.reboot,
        timeout_seconds=baseline.timeout_seconds,
    )
