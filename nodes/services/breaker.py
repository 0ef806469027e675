"""The circuit breaker of each BMC: the background leaves alone what does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from bearman.lib.issues import bmc as issues
from nodes.bmc import BmcAuthError, BmcError, BmcTimeout
from nodes.models import Bmc, EventKind
from nodes.power import BREAKER_OPENS_AFTER as OPENS_AFTER
from nodes.services.status import event_add

MOST_COUNTED = 30_000
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


@contextmanager
def breaker_watch(*, bmc: Bmc) -> Iterator[None]:
    """Count how an operation on the BMC goes. Whoever has the BMC's lease calls this.

    Silence counts, and a refused login, since BMCs lock accounts; any other answer closes the
    breaker. It refuses nothing: what a person or a deployment asks for is always tried.
    """
    try:
        yield
    except (BmcTimeout, BmcAuthError) as error:
        _failed(bmc, error)
        raise
    except BmcError as error:
        Bmc.objects.filter(pk=bmc.pk).update(last_error=str(error)[:1000])
        _answered(bmc)
        raise
    _answered(bmc)


def breaker_closed() -> Q:
    """Return the condition on Bmc that the background may try it now."""
    return Q(open_until=None) | Q(open_until__lt=timezone.now())


def breaker_reset(*, bmc: Bmc, actor: str) -> None:
    """Forget the failures of a BMC, so that the background tries it at once."""
    if Bmc.objects.filter(pk=bmc.pk, failures__gt=0).update(failures=0, open_until=None):
        event_add(
            node_id=bmc.node_id,
            kind=EventKind.OPERATOR,
            actor=actor,
            message="The failures of its BMC were forgotten: it is asked for its power again.",
        )


def pause_after(failures: int) -> timedelta:
    """Return how long the background leaves a BMC alone: doubling once the breaker is open."""
    doublings = min(max(0, failures - OPENS_AFTER), 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def _failures(bmc: Bmc) -> int:
    return Bmc.objects.filter(pk=bmc.pk).values_list("failures", flat=True).first() or 0


def _failed(bmc: Bmc, error: BmcError) -> None:
    failures = min(_failures(bmc) + 1, MOST_COUNTED)
    Bmc.objects.filter(pk=bmc.pk).update(
        failures=failures,
        open_until=timezone.now() + pause_after(failures),
        last_error=str(error)[:1000],
    )
    if failures == OPENS_AFTER:
        event_add(
            node_id=bmc.node_id,
            kind=EventKind.WARNING,
            issue=issues.ASKED_LESS,
            message=f"{error} That was {failures} times in a row: it is asked for its power less "
            "and less often, down to once an hour, until it answers.",
        )


def _answered(bmc: Bmc) -> None:
    failures = _failures(bmc)
    if not failures:
        return
    Bmc.objects.filter(pk=bmc.pk).update(failures=0, open_until=None)
    if failures >= OPENS_AFTER:
        event_add(
            node_id=bmc.node_id,
            kind=EventKind.POWER,
            message=f"The BMC at {bmc.address} answers again.",
        )
