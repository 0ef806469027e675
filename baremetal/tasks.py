"""Work in the background; each task may run twice, and then does no harm."""

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from baremetal.services.power import deployment_power_on
from baremetal.services.reconcile import overdue_reconcile
from baremetal.services.release import release_finish
from bearman.lib.errors import Busy

# Another operation has the BMC for seconds; for a minute where its worker was killed.
_WHEN_BUSY = RetryStrategy(max_attempts=60, wait=2, retry_exceptions={Busy})


@app.periodic(cron=f"* * * * * */{settings.RECONCILE_SECONDS}")  # the sixth field is seconds
@app.task(queueing_lock="baremetal.reconcile", pass_context=False)
def reconcile(timestamp: int) -> None:
    """Look at deployments past their deadline."""
    overdue_reconcile()


@app.task(retry=_WHEN_BUSY)
def power_on(baremetal_id: int, attempt: int) -> None:
    """Switch the machine of a deployment on."""
    deployment_power_on(baremetal_id=baremetal_id, attempt=attempt)


@app.task(retry=_WHEN_BUSY)
def power_off(baremetal_id: int, attempt: int) -> None:
    """Switch the machine of a release off, and free what it had."""
    release_finish(baremetal_id=baremetal_id, attempt=attempt)
