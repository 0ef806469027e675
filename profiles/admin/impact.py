"""Which machines a change of a profile or an image has to do with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from profiles.models import Flavor, Image, Profile

MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class Machines:
    """Deployed machines: how many, and the first of them for who may see them."""

    count: int
    rows: list[Any]

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.rows)


def machines_of(request: HttpRequest, row: Profile | Image) -> Machines:
    """Return the machines that have the profile, or boot the image, now."""
    return _machines(request, row.baremetals.all())


def machines_following(request: HttpRequest, image: Image) -> Machines:
    """Return the machines whose profiles follow the image's name, at whatever version they are."""
    baremetals = image.baremetals.model.objects
    return _machines(
        request,
        baremetals.filter(profile__image_name=image.name, profile__held_image__isnull=True),
    )


def flavors_of(profile: Profile) -> QuerySet[Flavor]:
    """Return the flavors that give the profile, each with its number of nodes and of free ones."""
    return profile.flavors.annotate(
        machines=Count("nodes"), free=Count("nodes", filter=Q(nodes__status="READY"))
    )


def _machines(request: HttpRequest, rows: QuerySet[Any]) -> Machines:
    count = rows.count()
    if not count or not request.user.has_perm("baremetal.view_baremetal"):
        return Machines(count, [])
    named = rows.select_related("node", "profile").order_by("hostname")
    return Machines(count, list(named.defer("spec", "log_tail", "node__searched")[:MOST_NAMED]))
