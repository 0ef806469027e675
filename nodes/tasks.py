"""Work in the background; each task may run twice, and then does no harm."""

from contextlib import suppress

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job

from nodes.services.arrived import listed_relink
from nodes.services.boot import boot_requests_prune
from nodes.services.power import power_overdue_end, power_requests_prune
from nodes.services.power_refresh import power_refresh
from nodes.services.power_run import power_run
from nodes.services.reconcile import (
    overdue_fail,
    power_off_confirm,
    power_off_due_ids,
    retired_finish,
)


class Later(Exception):
    """Not yet: the task is to run again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class _WhenItSays(BaseRetryStrategy):
    """Runs a task again when its `Later` says so, and after no other exception."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if not isinstance(exception, Later):
            return None
        return RetryDecision(retry_in={"seconds": exception.seconds})


LATER = _WhenItSays()


@app.periodic(cron="* * * * * */10")  # the sixth field is seconds
@app.task(queueing_lock="nodes.reconcile", pass_context=False)
def reconcile(timestamp: int) -> None:
    """End what is overdue, and look which proven machines went dark."""
    overdue_fail()
    power_overdue_end()
    retired_finish()
    for bmc_id in power_off_due_ids():
        with suppress(AlreadyEnqueued):
            confirm_off.configure(
                lock=f"bmc:{bmc_id}", queueing_lock=f"confirm-off:{bmc_id}"
            ).defer(bmc_id=bmc_id)


@app.periodic(cron="* * * * * 30")  # the sixth field is seconds
@app.task(queueing_lock="nodes.relink", pass_context=False)
def relink(timestamp: int) -> None:
    """Find machines that registered while their entries were imported."""
    listed_relink()


@app.task
def confirm_off(bmc_id: int) -> None:
    """See whether one proven machine went dark."""
    power_off_confirm(bmc_id=bmc_id)


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="nodes.prune")
def prune(timestamp: int) -> None:
    """Delete boot tokens that ended long ago, and power requests of long ago."""
    boot_requests_prune()
    power_requests_prune()


@app.task(retry=LATER)
def power(power_request_id: int) -> None:
    """Carry out what was asked of one machine's power."""
    pause = power_run(power_request_id=power_request_id)
    if pause is not None:
        raise Later(pause)


@app.periodic(cron="* * * * * 5-59/15")  # the sixth field is seconds
@app.task(lock="nodes.power_refresh", queueing_lock="nodes.power_refresh", pass_context=False)
def refresh_power(timestamp: int) -> None:
    """Read the power of machines where that is old."""
    power_refresh()
