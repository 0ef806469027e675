"""Work in the background; each task may run twice, and then does no harm."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from bearman.lib.errors import Busy, Unavailable
from profiles.services.removal import image_files_remove
from profiles.services.uploads import uploads_prune

# At once, after one minute, two, three ...: for three days, which a storage may be away.
_WHEN_AWAY = RetryStrategy(max_attempts=95, linear_wait=60, retry_exceptions={Busy, Unavailable})


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="profiles.prune_uploads", pass_context=False)
def prune_uploads(timestamp: int) -> None:
    """Remove uploads of images that were not completed in time."""
    uploads_prune()


@app.task(retry=_WHEN_AWAY)
def remove_files(name: str, version: str, paths: list[str]) -> None:
    """Remove the files of a version of an image that was deleted."""
    image_files_remove(name=name, version=version, paths=paths)
