"""The commands by which an installed system tells Bearman how it went; all with curl.

Every value is checked by Facts and has no quote in it, so single quotes hold it.
"""

from profiles.facts import Facts

STEP = "configure"
_CURL = "curl -fsS --retry 8 --retry-connrefused --max-time 60 -o /dev/null"


def installed(facts: Facts) -> str:
    """Return the shell command that posts /installed."""
    return f"{_CURL} {_who(facts)} -d '' '{facts.url}/installed/{facts.uuid}'"


def failed(facts: Facts, *, message: str, log: str) -> str:
    """Return the shell command that posts /report, with the end of the file `log`.

    `message` may use shell variables of the place where it runs; it has no quotes.
    """
    return (
        f"{_CURL} {_who(facts)} -d step={STEP} -d outcome=failed"
        f' --data-urlencode "message={message}"'
        f' --data-urlencode "log_tail=$(tail -c 2000 {log})"'
        f" '{facts.url}/report/{facts.uuid}'"
    )


def _who(facts: Facts) -> str:
    return f"-H 'Authorization: Bearer {facts.token}' -H 'X-Bearman-Nonce: {facts.nonce}'"
