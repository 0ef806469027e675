"""`bearman worker`: work in the background."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app, connector_params
from procrastinate.exceptions import ConnectorException

from bearman.health import worker_name
from bearman.lib import parent
from bearman.tasks import BEAT_SECONDS, DEAD_AFTER_SECONDS

GRACE_SECONDS = 8  # for what is under way when the worker is told to end


class Command(BaseCommand):
    """Run procrastinate's worker with Bearman's settings."""

    help = "Run one worker process. Several may run, on as many machines as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until SIGTERM or Ctrl-C."""
        parent.follow()
        named = {"application_name": worker_name()}
        with app.replace_connector(PsycopgConnector(kwargs=connector_params() | named)):
            try:
                asyncio.run(_work())
            except ConnectorException as error:
                words = str(error.__cause__ or error).strip()
                raise CommandError(f"The worker lost its database: {words}") from error


async def _work() -> None:
    """Give each task that runs at once a thread: by itself asyncio has four more than cores."""
    threads = ThreadPoolExecutor(settings.WORKER_CONCURRENCY, thread_name_prefix="task")
    asyncio.get_running_loop().set_default_executor(threads)
    async with app.open_async():
        await app.run_worker_async(
            concurrency=settings.WORKER_CONCURRENCY,
            delete_jobs="successful",
            shutdown_graceful_timeout=GRACE_SECONDS,
            update_heartbeat_interval=BEAT_SECONDS,
            stalled_worker_timeout=DEAD_AFTER_SECONDS,
        )
