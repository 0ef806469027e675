"""Work in the background; each task may run twice, and then does no harm."""

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from bearman.notices.channels.configured import channel_named, channels
from bearman.notices.selectors import has_work
from bearman.notices.services.grouping import threads_gather
from bearman.notices.services.operators import threads_prune
from bearman.notices.services.sending import channel_deliver

AT_ONE_GO = 50.0  # seconds; the next run goes on, so that a restart never waits for long


@app.periodic(cron="* * * * * */5")  # the sixth field is seconds
@app.task(queueing_lock="notices.gather", pass_context=False)
def gather(timestamp: int) -> None:
    """Put what has failed into threads, and start each channel that has something to say."""
    found = channels()
    if not found:
        return
    threads_gather()
    for channel in found:
        if has_work(channel.name):
            name = f"notices:{channel.name}"
            with suppress(AlreadyEnqueued):
                deliver.configure(lock=name, queueing_lock=name).defer(channel=channel.name)


@app.task
def deliver(channel: str) -> None:
    """Send what is due in one channel."""
    found = channel_named(channel)
    if found is not None:
        channel_deliver(channel=found, seconds=AT_ONE_GO)


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="notices.prune")
def prune(timestamp: int) -> None:
    """Delete what ended long ago."""
    threads_prune()
