"""`bearman grpc`: one process of the gRPC door."""

import signal
import threading
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bearman.lib import parent
from bearman.lib.errors import BearmanError
from grpc_server import server as door

GRACE_SECONDS = 5  # for calls that are under way when the process is told to stop

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Serve gRPC on BEARMAN_GRPC_BIND until SIGTERM or Ctrl-C."""

    help = "Run one gRPC process. Several can share a port: `bearman up` starts them all."

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until told to stop, then let calls under way end."""
        parent.follow()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            server, port = door.build(settings.GRPC_BIND)
        except BearmanError as error:
            raise CommandError(str(error)) from error
        server.start()
        log.info("gRPC is open", bind=settings.GRPC_BIND, port=port)
        stop.wait()
        server.stop(GRACE_SECONDS).wait()
