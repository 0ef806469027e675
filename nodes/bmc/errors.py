"""What can go wrong with a BMC: one sentence that names it, and advice for a person."""

from bearman.lib.issues import Issue, bmc


class BmcError(Exception):
    """An operation on a BMC that failed; `issue` is its entry in the catalogue.

    `advice` says what a person can do about it: its own, or else the catalogue's.
    """

    usual: Issue = bmc.REFUSES

    def __init__(
        self, address: str, problem: str, *, issue: Issue | None = None, advice: str = ""
    ) -> None:
        super().__init__(f"The BMC at {address} {problem}.")
        self.address = address
        self.issue = issue or self.usual
        self.advice = advice or self.issue.advice


class BmcAuthError(BmcError):
    """Wrong user, password or privilege. Never retried: BMCs lock accounts."""

    usual = bmc.WRONG_PASSWORD


class BmcTimeout(BmcError):
    """Silence. `may_have_acted` is true if a command was sent that must not be sent twice."""

    usual = bmc.SILENT

    def __init__(self, address: str, problem: str, *, may_have_acted: bool = False) -> None:
        super().__init__(address, problem)
        self.may_have_acted = may_have_acted


class BmcRefused(BmcError):
    """The BMC understood and said no; `code` is its completion or RMCP+ status code."""

    def __init__(
        self,
        address: str,
        problem: str,
        code: int,
        *,
        issue: Issue | None = None,
        advice: str = "",
    ) -> None:
        super().__init__(address, problem, issue=issue, advice=advice)
        self.code = code


class BmcProtocolError(BmcError):
    """The BMC's answer makes no sense."""

    usual = bmc.NONSENSE
