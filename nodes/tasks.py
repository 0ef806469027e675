"""Work in the background; each task may run twice, and then does no harm."""

from contextlib import suppress

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from bearman.lib.errors import Busy
from nodes.bmc import BmcTimeout
from nodes.models import Bmc
from nodes.services import bmc as bmc_services
from nodes.services.boot import boot_requests_prune
from nodes.services.reconcile import (
    overdue_fail,
    power_off_confirm,
    power_off_due_ids,
    retired_finish,
)


@app.periodic(cron="*/10 * * * * *")  # seconds first
@app.task(queueing_lock="nodes.reconcile", pass_context=False)
def reconcile(timestamp: int) -> None:
    """End overdue registrations, and look which proven machines went dark."""
    overdue_fail()
    retired_finish()
    for bmc_id in power_off_due_ids():
        with suppress(AlreadyEnqueued):
            confirm_off.configure(
                lock=f"bmc:{bmc_id}", queueing_lock=f"confirm-off:{bmc_id}"
            ).defer(bmc_id=bmc_id)


@app.task
def confirm_off(bmc_id: int) -> None:
    """See whether one proven machine went dark."""
    power_off_confirm(bmc_id=bmc_id)


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="nodes.prune")
def prune(timestamp: int) -> None:
    """Delete boot tokens that ended long ago."""
    boot_requests_prune()


@app.task(
    retry=RetryStrategy(max_attempts=5, exponential_wait=2, retry_exceptions={Busy, BmcTimeout})
)
def identify(bmc_id: int, on: bool, actor: str) -> None:
    """Switch the identify light of one BMC."""
    bmc_services.identify(bmc=Bmc.objects.get(pk=bmc_id), on=on, actor=actor)
