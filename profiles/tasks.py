"""Work in the background; each task may run twice, and then does no harm."""

from procrastinate.contrib.django import app

from profiles.services.uploads import uploads_prune


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="profiles.prune_uploads", pass_context=False)
def prune_uploads(timestamp: int) -> None:
    """Remove uploads of images that were not completed in time."""
    uploads_prune()
