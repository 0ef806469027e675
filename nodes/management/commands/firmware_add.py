"""`bearman firmware_add`: say which firmware machines must have, and what brings it to them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bearman.lib.errors import BearmanError, Invalid
from nodes.firmware import COMPARATORS, ComponentKind, ReadWith
from nodes.models import FirmwareBaseline
from nodes.models.firmware import FirmwareMode, FirmwareTool, Match
from nodes.services.firmware_artefacts import artefact_store
from nodes.services.firmware_baselines import READ_BY_DEFAULT, baseline_save


class Command(BaseCommand):
    """Add a firmware baseline, or bring the one of that name up to what is said."""

    help = (
        "Say which version the component of some machines must have, and put the file that brings "
        "it into the storage. A baseline of that name is changed; doing it twice changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what a baseline has."""
        parser.add_argument("name", help="letters, digits, `-` and `_`, such as r640-bios")
        parser.add_argument("--component", choices=[k.value for k in ComponentKind], required=True)
        parser.add_argument("--vendor", default="*", metavar="PATTERN", help="such as 'Dell*'")
        parser.add_argument("--product", default="*", metavar="PATTERN", help="such as '*R640'")
        parser.add_argument(
            "--model", default="", metavar="PATTERN", help="driver of an adapter, model of a disk"
        )
        parser.add_argument("--wanted", required=True, metavar="VERSION")
        parser.add_argument("--exact", action="store_true", help="a newer version is not as good")
        parser.add_argument("--comparator", choices=list(COMPARATORS), default="dotted")
        parser.add_argument("--file", type=Path, metavar="FILE", help="what the tool applies")
        parser.add_argument("--tool", choices=FirmwareTool.values, default=FirmwareTool.VENDOR)
        parser.add_argument(
            "--argument", action="append", default=[], metavar="WORD", help="may be repeated"
        )
        parser.add_argument(
            "--read-with",
            choices=[reader.value for reader in ReadWith],
            help="default: what stage one has for the component",
        )
        parser.add_argument(
            "--reboot", action="store_true", help="it takes effect when the machine restarts"
        )
        parser.add_argument("--timeout", type=int, default=600, metavar="SECONDS")
        parser.add_argument(
            "--order", type=int, default=100, help="among those for one component; small first"
        )
        parser.add_argument(
            "--mode",
            choices=FirmwareMode.values,
            help="default: as it is; dry_run for a new one",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Add or change it."""
        known = FirmwareBaseline.objects.filter(name=options["name"]).first()
        baseline = known or FirmwareBaseline(name=options["name"])
        try:
            _fill(baseline, options)
            if options["file"]:
                _store(baseline, options["file"])
            baseline_save(baseline=baseline)
        except BearmanError as error:
            raise CommandError(str(error)) from error
        done = "is as said" if known else "added"
        self.stdout.write(
            f"{baseline} {done}: {baseline.component} {baseline.wanted_words}, {baseline.mode}."
        )


def _fill(baseline: FirmwareBaseline, options: dict[str, Any]) -> None:
    baseline.component = options["component"]
    baseline.vendor_pattern, baseline.product_pattern = options["vendor"], options["product"]
    baseline.model_pattern = options["model"]
    baseline.wanted = options["wanted"]
    baseline.match = Match.EXACT if options["exact"] else Match.MINIMUM
    baseline.comparator = options["comparator"]
    baseline.tool, baseline.arguments = options["tool"], options["argument"]
    baseline.read_with = (
        options["read_with"] or READ_BY_DEFAULT[ComponentKind(options["component"])]
    )
    baseline.reboot, baseline.timeout_seconds = options["reboot"], options["timeout"]
    baseline.position = options["order"]
    baseline.mode = options["mode"] or baseline.mode


def _store(baseline: FirmwareBaseline, path: Path) -> None:
    try:
        with path.open("rb") as file:
            artefact = artefact_store(baseline=baseline.name, name=path.name, file=file)
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    baseline.artefact_path, baseline.artefact_size = artefact.path, artefact.size
    baseline.artefact_sha256 = artefact.sha256
