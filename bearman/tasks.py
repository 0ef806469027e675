"""Housekeeping of the background work itself."""

from procrastinate.contrib.django import app

# A worker says so often that it lives; after so many seconds without a word, it is dead.
BEAT_SECONDS, DEAD_AFTER_SECONDS = 5, 20


@app.periodic(cron="* * * * * */5")  # the sixth field is seconds
@app.task(queueing_lock="bearman.retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """Put back what a worker was doing when it was killed; tasks may run twice."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        await manager.retry_job(job)
