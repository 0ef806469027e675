"""`bearman wiring_plan_create`: make a wiring plan, or set one anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bearman.lib.errors import BearmanError
from nodes.models import WiringPlan
from nodes.services.wiring_plans import wiring_plan_save
from profiles.models import Flavor

_NUMBERS = (
    ("links", "so many links at least"),
    ("switches", "on so many different switches"),
    ("speed", "speed in Gb/s, at least"),
    ("vlan", "native VLAN"),
    ("mtu", "MTU in bytes, at least"),
)


class Command(BaseCommand):
    """Make a wiring plan, or set one that is there to what the command line says."""

    help = "Make a wiring plan, or set one anew. Doing it twice is safe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the fields of a plan."""
        parser.add_argument("name", help="short name: letters, digits, `-` and `_`")
        parser.add_argument("--flavor", default="", help="whose machines it is for; else all")
        parser.add_argument("--rack", default="*", help="shell pattern on the rack's name")
        parser.add_argument(
            "--pattern",
            action="append",
            default=[],
            help="such as 'eno1 -> leaf-{rack}a:{unit}'; may be repeated",
        )
        parser.add_argument("--interfaces", default="", help="whom the rules are about, as ens*")
        parser.add_argument("--same-port", action="store_true", help="same port number everywhere")
        parser.add_argument("--priority", type=int, default=0)
        for name, words in _NUMBERS:
            parser.add_argument(f"--{name}", type=int, default=None, help=words)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and say so."""
        plan = WiringPlan.objects.filter(name=options["name"]).first()
        created, plan = plan is None, plan or WiringPlan(name=options["name"])
        plan.flavor = Flavor.objects.filter(name=options["flavor"]).first()
        if options["flavor"] and plan.flavor is None:
            raise CommandError(f"There is no flavor {options['flavor']!r}.")
        plan.rack_pattern, plan.priority = options["rack"], options["priority"]
        plan.patterns, plan.interfaces = "\n".join(options["pattern"]), options["interfaces"]
        plan.same_port = options["same_port"]
        plan.links, plan.switches = options["links"] or 0, options["switches"] or 0
        plan.speed, plan.vlan, plan.mtu = options["speed"], options["vlan"], options["mtu"]
        try:
            wiring_plan_save(plan=plan)
        except BearmanError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Wiring plan {plan} {'made' if created else 'set anew'}.")
