"""The reason of an error in a few words."""

import requests

LIMIT = 200  # characters


def of(error: BaseException) -> str:
    """What the system said at the bottom: requests wraps it several times, in many words."""
    if isinstance(error, requests.HTTPError):
        return f"it answered {error.response.status_code} {error.response.reason}"
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    words = " ".join(str(getattr(error, "strerror", None) or error).split())
    return words if len(words) <= LIMIT else words[: LIMIT - 1] + "…"
