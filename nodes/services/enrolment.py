"""Windows of time in which unknown machines of a network may register."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from bearman.lib.errors import Invalid
from nodes.models import AvailabilityZone, EnrolmentWindow

HOUR = timedelta(hours=1)

# Where no zone names the network of an address: the usual size of one (RFC 4291 section 2.5.1
# for IPv6; for IPv4 a habit).
USUAL_PREFIX = {4: 24, 6: 64}


def window_save(*, window: EnrolmentWindow) -> None:
    """Write a new or changed window; raises Invalid for a bad network or a wrong order."""
    try:
        window.full_clean()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    window.save()


@transaction.atomic
def window_open(*, network: str, length: timedelta = HOUR, note: str = "") -> EnrolmentWindow:
    """Open enrolment for a network from now on; one that is open already is made to last."""
    now = timezone.now()
    window = (
        EnrolmentWindow.objects.select_for_update()
        .filter(network=network, opens_at__lte=now, closes_at__gt=now)
        .order_by("-closes_at")
        .first()
    )
    window = window or EnrolmentWindow(network=network, opens_at=now, closes_at=now, note=note)
    window.closes_at = max(window.closes_at, now + length)
    window_save(window=window)
    return window


@transaction.atomic
def window_close(*, window: EnrolmentWindow) -> bool:
    """End a window now, or drop one that has yet to open; false if it had ended already."""
    now = timezone.now()
    row = EnrolmentWindow.objects.select_for_update().filter(pk=window.pk).first()
    if row is None or row.closes_at <= now:
        return False
    if row.opens_at >= now:
        row.delete()
        return True
    row.closes_at = now
    row.save(update_fields=["closes_at"])
    return True


def window_delete(*, window: EnrolmentWindow) -> None:
    """Remove a window; if it is open, enrolment ends with it."""
    window.delete()


def network_around(address: str) -> str:
    """Return the smallest network of a zone around `address`, or the usual one of its family."""
    ip = ip_address(address)
    named = (ip_network(text) for zone in AvailabilityZone.objects.all() for text in zone.networks)
    around = [network for network in named if ip in network]
    if around:
        return str(max(around, key=lambda network: network.prefixlen))
    return str(ip_network(f"{ip}/{USUAL_PREFIX[ip.version]}", strict=False))
