"""Tells people of deployments that are given up, and of those that came good."""

from django.conf import settings
from django.urls import reverse

from baremetal.models import Baremetal
from baremetal.states import BaremetalState
from bearman.lib.issues import issue_or_none
from bearman.notices.channels.configured import wanted
from bearman.notices.facts import Facts, Group
from bearman.notices.services.troubles import trouble_end, trouble_open
from bearman.notices.states import Outcome
from nodes.services.notices import details_of, rack_and_unit

NOUN = "deployment"
ENDS = {
    BaremetalState.INSTALLED: (Outcome.GOOD, "it is INSTALLED"),
    BaremetalState.RELEASED: (Outcome.ASIDE, "it was released"),
}


def deployment_told(*, baremetal_id: int, to: BaremetalState) -> None:
    """Write down for people what a change of state means; call it in its transaction."""
    if not wanted() or (to not in ENDS and to is not BaremetalState.UNRECOVERABLE_ERROR):
        return
    rows = Baremetal.objects.select_related("node__zone", "node__flavor").defer("node__searched")
    row = rows.get(pk=baremetal_id)
    subject = row.owner  # as IPman knows it
    if to in ENDS:
        outcome, words = ENDS[to]
        trouble_end(subject=subject, outcome=outcome, words=words)
        return
    zone = f"zone {row.node.zone}" if row.node.zone else ""
    group = Group(code=row.issue, noun=NOUN, cause=zone)
    trouble_open(subject=subject, group=group, facts=_facts(row))


def _facts(row: Baremetal) -> Facts:
    issue = issue_or_none(row.issue)
    page = reverse("admin:baremetal_baremetal_change", args=[row.pk])
    return Facts(
        name=row.hostname,
        code=row.issue,
        title=issue.title if issue else "",
        did=f"could not be deployed as {row.profile_name}",
        step=row.step,
        reason=row.reason,
        advice=row.advice,
        place=rack_and_unit(row.node),
        details=(("Machine", str(row.node)), *details_of(row.node)),
        url=f"{settings.PUBLIC_URL}{page}",
    )
