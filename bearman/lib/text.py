"""Text that came from a machine, made fit for a page, a log and a database."""

import unicodedata


def clean(text: str, *, keep: str = "") -> str:
    """Replace each control and format character (Unicode categories C*) by a space.

    So nothing that a machine sends can move a terminal's cursor, turn a line around or end a
    line of a log. Characters in `keep` stay; blanks at the ends go.
    """
    return "".join(
        " " if unicodedata.category(c)[0] == "C" and c not in keep else c for c in text
    ).strip()
