"""The errors that Bearman's services raise; each door maps them once."""

from bearman.lib.issues.issue import Issue


class BearmanError(Exception):
    """One sentence that names the object, and what the reader can do about it.

    `issue` is the catalogue's entry for it, where there is one. `code` is the name of the gRPC
    status that stands for it (google.rpc.Code) and `http_status` the HTTP one (RFC 9110 section
    15).
    """

    code = "INTERNAL"
    http_status = 500

    def __init__(self, message: str, *, advice: str = "", issue: Issue | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice or (issue.advice if issue else "")
        self.issue = issue

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class Invalid(BearmanError):
    """What was sent cannot be used as it is."""

    code, http_status = "INVALID_ARGUMENT", 400


class TooLarge(Invalid):
    """What was sent is over a size limit."""

    http_status = 413


class Unauthenticated(BearmanError):
    """No credential, or one that is unknown or has ended."""

    code, http_status = "UNAUTHENTICATED", 401


class Denied(BearmanError):
    """A good credential that does not reach this far."""

    code, http_status = "PERMISSION_DENIED", 403


class NotFound(BearmanError):
    """The object does not exist."""

    code, http_status = "NOT_FOUND", 404


class Conflict(BearmanError):
    """The object is in a state that forbids this now."""

    code, http_status = "FAILED_PRECONDITION", 409


class Exists(Conflict):
    """Something else has that name already."""

    code = "ALREADY_EXISTS"


class Unconfirmed(Conflict):
    """It would take something from somebody, and the caller has not said that it is meant."""


class Damaged(BearmanError):
    """What arrived is not what was sent."""

    code, http_status = "DATA_LOSS", 422


class PoolExhausted(BearmanError):
    """No address is left where one was asked for."""

    code, http_status = "RESOURCE_EXHAUSTED", 507


class Busy(BearmanError):
    """Somebody else is at it; the same call will go through later."""

    code, http_status = "ABORTED", 409


class Unavailable(BearmanError):
    """Something that Bearman needs does not answer; the same call may go through later."""

    code, http_status = "UNAVAILABLE", 503
