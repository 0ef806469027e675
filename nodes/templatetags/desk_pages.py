"""How the identity desk's pages show a score."""

from django import template
from django.utils.safestring import SafeString

from nodes import labels
from nodes.services.candidates import Candidate

register = template.Library()


@register.filter
def score(candidate: Candidate) -> SafeString:
    """Show the score as a coloured label."""
    return labels.score_badge(candidate.verdict)
