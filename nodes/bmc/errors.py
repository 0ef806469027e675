"""What can go wrong with a BMC: one sentence that names it, and advice for a person."""

CHECK_CREDENTIAL = (
    "Set the user and the password on the BMC again: boot the machine to stage one, or use "
    "ipmitool on it."
)
CHECK_NETWORK = (
    "Check the BMC's address, netmask, gateway, cable and VLAN, and that no firewall keeps "
    "Bearman's UDP datagrams from it; then try again."
)
CHECK_BMC = "Look at the BMC's own log or web page; a cold reset of the BMC often helps."


class BmcError(Exception):
    """An operation on a BMC that failed; `advice` says what a person can do about it."""

    def __init__(self, address: str, problem: str, advice: str = CHECK_BMC) -> None:
        super().__init__(f"The BMC at {address} {problem}.")
        self.address = address
        self.advice = advice


class BmcAuthError(BmcError):
    """Wrong user, password or privilege. Never retried: BMCs lock accounts."""

    def __init__(self, address: str, problem: str, advice: str = CHECK_CREDENTIAL) -> None:
        super().__init__(address, problem, advice)


class BmcTimeout(BmcError):
    """Silence. `may_have_acted` is true if a command was sent that must not be sent twice."""

    def __init__(
        self,
        address: str,
        problem: str,
        advice: str = CHECK_NETWORK,
        *,
        may_have_acted: bool = False,
    ) -> None:
        super().__init__(address, problem, advice)
        self.may_have_acted = may_have_acted


class BmcRefused(BmcError):
    """The BMC understood and said no; `code` is its completion or RMCP+ status code."""

    def __init__(self, address: str, problem: str, code: int, advice: str = CHECK_BMC) -> None:
        super().__init__(address, problem, advice)
        self.code = code


class BmcProtocolError(BmcError):
    """The BMC's answer makes no sense."""
