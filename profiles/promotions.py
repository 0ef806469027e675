"""Which version of an image was current before, out of the history of promotions. Pure."""

from collections.abc import Collection, Iterable


def standing(history: Iterable[tuple[bool, str]]) -> list[str]:
    """Return the versions that were made current and not taken back, the current one last.

    The history is (whether it went back, the version that became current), the oldest first.
    """
    found: list[str] = []
    for back, version in history:
        if back:
            del found[-1:]
            while found and found[-1] != version:  # it had been deleted
                found.pop()
        if not found or found[-1] != version:
            found.append(version)
    return found


def before(
    history: Iterable[tuple[bool, str]], *, current: str, known: Collection[str]
) -> str | None:
    """Return the known version to which going back leads from the current one; None for none."""
    found = standing(history)
    if found and found[-1] == current:
        found.pop()
    return next((v for v in reversed(found) if v != current and v in known), None)
