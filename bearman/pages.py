"""Small pieces of HTML that the Admin's pages share; everything from outside is escaped."""

from datetime import datetime

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bearman.lib.issues import Severity, issue_or_none
from bearman.lib.issues.page import anchor
from bearman.lib.text import clean

NOTHING = "—"


def badge(text: str, tone: str, *, title: str = "") -> SafeString:
    """Return a coloured label; `tone` is good, busy, bad, warn, calm or mute, as in admin.css."""
    return format_html(
        '<span class="bm-badge bm-{}" title="{}">{}</span>', tone, title or text, text
    )


SEVERITY_TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "calm"}


def issue_badge(code: str) -> SafeString | str:
    """Return a code of the issue catalogue as a label that leads to its entry; nothing for none."""
    entry = issue_or_none(code)
    if entry is None:
        return badge(code, "mute") if code else ""
    return format_html(
        '<a class="bm-badge bm-{}" href="{}#{}" title="{}">{}</a>',
        SEVERITY_TONES[entry.severity],
        reverse("admin:nodes_issue_changelist"),
        anchor(code),
        entry.title,
        code,
    )


def issue_title(code: str) -> str:
    """Return the title of an entry of the issue catalogue; empty for none."""
    entry = issue_or_none(code)
    return entry.title if entry else ""


def severity_badge(severity: str) -> SafeString:
    """Return how bad something is as a coloured label."""
    return badge(severity, SEVERITY_TONES[Severity(severity)])


def ago(moment: datetime | None) -> SafeString | str:
    """Return how long ago that was (or is to come), with the exact time as title."""
    if moment is None:
        return NOTHING
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        exact(moment),
        naturaltime(moment),
    )


def exact(moment: datetime) -> str:
    """Return date, time and zone, in the project's time zone."""
    local = timezone.localtime(moment)
    return f"{date_format(local, 'Y-m-d H:i:s')} {local.tzname()}"


def code(text: object) -> SafeString | str:
    """Return what is copied rather than read (a UUID, an address) in letters of one width."""
    if not text:
        return NOTHING
    return format_html('<span class="bm-code" dir="ltr">{}</span>', text)


def prose(text: str) -> SafeString:
    """Return sentences in which what stands between backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one backtick is left over: then none of them means anything
        parts = [text]
    pieces = (
        format_html('<code class="bm-code">{}</code>', part) if number % 2 else part
        for number, part in enumerate(parts)
    )
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def cut(text: str, length: int = 32) -> SafeString | str:
    """Return text from a machine: cut after `length` characters, whole in its title.

    Control characters are dropped, and letters that run from right to left turn nothing around
    them.
    """
    text = clean(text)
    if not text:
        return NOTHING
    shown = text if len(text) <= length else f"{text[: length - 1]}…"
    return format_html('<bdi class="bm-cut" title="{}">{}</bdi>', text, shown)


def size(octets: int | None, *, decimal: bool = False) -> str:
    """Return a size for people: disks are sold in powers of ten, memory in powers of two."""
    if not octets:
        return NOTHING
    step, units = (1000, "kMGTPE") if decimal else (1024, "KMGTPE")
    value, unit = float(octets), ""
    for prefix in units:
        if value < step:
            break
        value, unit = value / step, prefix
    suffix = f"{unit}{'' if decimal or not unit else 'i'}B"
    return f"{value:.{0 if value >= 100 or value == int(value) else 1}f} {suffix}"
