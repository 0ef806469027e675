"""`bearman ca_create`: certificates for HTTPS and gRPC, and the authority that vouches for them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bearman.lib.errors import BearmanError
from bearman.lib.tls import Done, Folder
from bearman.lib.tls.hosts import domains, host_of, hosts

NEXT = """\
What to do with them:
  server.pem, server-key.pem   the front server (ssl_certificate, ssl_certificate_key) and gRPC
                               (BEARMAN_GRPC_TLS_CERT, BEARMAN_GRPC_TLS_KEY); restart both
  ca.pem                       stage-one and stage-two images (/etc/bearman/ca.pem), bearman-cli
                               (--ca or BEARMAN_CA), browsers of administrators
  ca-key.pem                   keep it here, or better offline; who has it can be any of the names
Run the same command once a month: it renews what has under 60 days left, and else does nothing.
"""


class Command(BaseCommand):
    """Make an authority and a server's certificate, or renew what runs out."""

    help = (
        "Make a certificate authority (for ten years) and a server's certificate (for 397 days) of "
        "it, for the hosts of BEARMAN_PUBLIC_URL, BEARMAN_PUBLIC_GRPC and those given. What is "
        "there and good stays, so it can be run again at any time; a certificate with under 60 "
        "days left, or for too few names, is made anew. docs/tls.md says how it is used."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add where, for which hosts, and to what the authority is held."""
        parser.add_argument(
            "--folder",
            type=Path,
            default=Path(settings.DATA_DIR) / "tls",
            help="where the files are (default: `tls` in the data folder)",
        )
        for option, meaning in (
            ("--name", "host name that the server has too; may be repeated"),
            ("--address", "IP address that it has too; may be repeated"),
            ("--only", "domain that a new authority is held to; may be repeated"),
        ):
            parser.add_argument(
                option, action="append", default=[], metavar=option[2:].upper(), help=meaning
            )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, and say what to do with it."""
        folder = Folder(options["folder"])
        try:
            own = [host_of(settings.PUBLIC_URL), host_of(settings.PUBLIC_GRPC)]
            names = hosts([*filter(None, own), *options["name"], *options["address"]])
            done = folder.ensure(names=names, domains=domains(options["only"]))
            self._tell(folder, done)
        except BearmanError as error:
            raise CommandError(str(error)) from error

    def _tell(self, folder: Folder, done: Done) -> None:
        authority, server = folder.trusted()[0], folder.server()
        assert server is not None
        for path, found, why in (
            (folder.path / "ca.pem", authority, done.authority),
            (folder.path / "server.pem", server, done.server),
        ):
            state = f"made, for {why}" if why else "is good"
            self.stdout.write(f"{path} {state}; it ends on {found.not_valid_after_utc:%Y-%m-%d}.")
        if done.authority or done.server:
            self.stdout.write(NEXT)
