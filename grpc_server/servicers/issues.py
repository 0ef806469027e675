"""bearman.v1.IssueService: the catalogue, for operators and their programs."""

import grpc

from bearman.accounts.services import token_user
from bearman.lib.issues import AREAS, Issue
from grpc_server.caller import token_of
from grpc_server.messages import severity_out
from protos.bearman.v1 import issues_pb2 as pb
from protos.bearman.v1 import issues_pb2_grpc


class IssueServicer(issues_pb2_grpc.IssueServiceServicer):
    """Each method is documented in protos/bearman/v1/issues.proto."""

    def ListIssues(
        self, request: pb.ListIssuesRequest, context: grpc.ServicerContext
    ) -> pb.ListIssuesResponse:
        """List the whole catalogue; any operator's token will do."""
        token_user(text=token_of(context))
        entries = (_entry(entry, area) for area, entries in AREAS.items() for entry in entries)
        return pb.ListIssuesResponse(issues=entries)


def _entry(entry: Issue, area: str) -> pb.Issue:
    return pb.Issue(
        code=entry.code,
        title=entry.title,
        severity=severity_out(entry.severity),
        meaning=entry.meaning,
        advice=entry.advice,
        area=area,
    )
