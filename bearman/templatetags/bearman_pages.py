"""How the Admin's templates show times, sizes and text from machines; all of it escaped."""

from datetime import datetime

from django import template
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from bearman import pages

register = template.Library()


@register.simple_tag(takes_context=True)
def own_title(context: Context) -> str:
    """Return the title of a page below a row or a list; empty where unfold's path ends with it.

    Unfold's path above a page ends at the row, or at the list.
    """
    options, title = context.get("opts"), str(context.get("title") or "")
    if options is None or context.get("cl") or context.get("adminform") or context.get("is_popup"):
        return ""
    row = context.get("original") or context.get("object")
    last = str(row) if row else capfirst(options.verbose_name_plural)
    return "" if title == last else title


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """Show how long ago something was, the exact time as title."""
    return pages.ago(moment)


@register.filter
def issue_badge(code: str) -> SafeString | str:
    """Show a code of the issue catalogue as a label that leads to its entry."""
    return pages.issue_badge(code)


@register.filter
def issue_title(code: str) -> str:
    """Show the title of an entry of the issue catalogue."""
    return pages.issue_title(code)


@register.filter
def severity_badge(severity: str) -> SafeString:
    """Show how bad something is as a coloured label."""
    return pages.severity_badge(severity)


@register.filter
def code(text: object) -> SafeString | str:
    """Show what is copied rather than read."""
    return pages.code(text)


@register.filter
def prose(text: str) -> SafeString:
    """Show sentences, what stands between backticks as code."""
    return pages.prose(text)


@register.filter
def cut(text: str, length: int = 32) -> SafeString | str:
    """Show text from a machine, cut, the whole as title."""
    return pages.cut(text, length)


@register.filter
def memory_size(octets: int | None) -> str:
    """Show a size in KiB, MiB, GiB."""
    return pages.size(octets)


@register.filter
def disk_size(octets: int | None) -> str:
    """Show a size in kB, MB, GB, as disks are sold."""
    return pages.size(octets, decimal=True)
