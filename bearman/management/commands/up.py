"""`bearman up`: everything, in the foreground."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from bearman.lib import ports, postgres
from bearman.supervisor import Process, Supervisor, python


class Command(BaseCommand):
    """Start all of Bearman's processes and keep them running until Ctrl-C."""

    help = (
        "Start web, files, gRPC and worker in the foreground with their logs; Ctrl-C ends them. "
        "Brings the database up to date and publishes the boot scripts first."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the ports, prepare, start."""
        for setting in _binds():
            _require_free(setting, getattr(settings, setting.removeprefix("BEARMAN_")))
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        call_command("publish_scripts", unless_withdrawn=True, stdout=self.stdout)
        supervisor = Supervisor(_processes(), out=self.stdout, every_second=_keep_database)
        self.stdout.write(
            f"Bearman starts: Admin at {settings.PUBLIC_URL}/admin/, gRPC at {settings.GRPC_BIND}, "
            f"data in {settings.DATA_DIR}. Ctrl-C ends it."
        )
        if not get_user_model().objects.exists():
            self.stdout.write("Nobody can log in yet: `bearman createsuperuser` makes a user.")
        supervisor.run()
        self.stdout.write("Bearman has ended.")


def _binds() -> list[str]:
    """Return the settings of the addresses that will be listened on."""
    files = ["BEARMAN_FILES_BIND"] if settings.FILES_HERE else []
    return ["BEARMAN_WEB_BIND", *files, "BEARMAN_GRPC_BIND"]


def _processes() -> list[Process]:
    grpc = [
        Process(f"grpc-{number}", python("-m", "bearman", "grpc"))
        for number in range(1, settings.GRPC_PROCESSES + 1)
    ]
    files = [Process("files", python("-m", "bearman", "files"))] if settings.FILES_HERE else []
    return [
        Process("web", python("-m", "bearman", "web")),
        *files,
        *grpc,
        Process("worker", python("-m", "bearman", "worker")),
    ]


def _require_free(setting: str, bind: str) -> None:
    try:
        reason = ports.who_has(bind)
    except ValueError as error:
        raise CommandError(f"{setting}: {error}") from error
    if reason:
        raise CommandError(
            f"{bind} cannot be had: {reason}. Another Bearman may be running; end it, or set "
            f"{setting} to a free HOST:PORT."
        )


def _keep_database() -> None:
    if not settings.DATABASE_URL:
        postgres.revive(settings.DATA_DIR)
