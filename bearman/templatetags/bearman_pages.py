"""How the Admin's templates show times, sizes and text from machines; all of it escaped."""

from datetime import datetime

from django import template
from django.utils.safestring import SafeString

from bearman import pages

register = template.Library()


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
