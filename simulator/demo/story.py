"""What a demo tells the one who started it."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from simulator.demo.deployments import DeploymentOutcome
from simulator.demo.messages import Told
from simulator.demo.outcome import DemoOutcome
from simulator.demo.product import USER, Product
from simulator.demo.system import PROFILE
from simulator.deployments import Deployed
from simulator.fault import INSTALLED, REGISTER_FAILED, UNRECOVERABLE_ERROR
from simulator.machine import Machine
from simulator.slack import SlackStandIn

SHOWN = 6  # machines; a demo in which all goes wrong needs no more
COUNTING = ("No", "One", "Two", "Three", "Four", "Five", "Six")


class Story:
    """Prints the demo's chapters in order."""

    def __init__(self, console: Console, nodes: int) -> None:
        self.console = console
        self._nodes = nodes

    def begin(self) -> None:
        """Say what is about to happen."""
        self._say(
            f"Bearman's demo: {self._nodes} simulated servers, each with a BMC that speaks IPMI, "
            "boot and register with a real Bearman on this computer.\n"
            "Starting PostgreSQL, web, gRPC and worker ..."
        )

    def doors(self, product: Product, slack: SlackStandIn) -> None:
        """Print where the Admin is and how to log in, and where Slack's messages go."""
        self._say("")
        self._say(Text.assemble(("  Admin  ", "bold"), f"{product.url}/admin/"))
        self._say(Text.assemble(("  Login  ", "bold"), f"{USER} / {product.password}"))
        self._say(Text.assemble(("  Slack  ", "bold"), f"{slack.url}/  (a stand-in)"))
        self._say("")

    def lists(self, machines: int) -> None:
        """Say what Bearman has been told beforehand."""
        self._say(
            f"Bearman has the list of {machines + 1} servers that were ordered, with rack and "
            "unit, a wiring plan for each rack, and the firmware that each model must have."
        )

    def buttons(self, broken: int) -> None:
        """Say that the machines are switched on."""
        number = COUNTING[broken] if broken < len(COUNTING) else str(broken)
        verb = "machine is" if broken == 1 else "machines are"
        self._say(f"Pressing {self._nodes} power buttons. {number} {verb} broken on purpose.")

    def registered(self, outcome: DemoOutcome, product: Product) -> None:
        """Say what became of the registrations."""
        self._say("")
        self._say(
            Text.assemble(
                (f"{outcome.ready} of {self._nodes} servers are READY", "bold green"),
                ": proven over IPMI, and switched off by themselves.",
            )
        )
        for lit in outcome.lit[:SHOWN]:
            where = f", {lit.place}" if lit.place else ""
            status = " ".join(filter(None, (lit.status, lit.issue)))
            self._say(Text.assemble((f"Still lit, {status}: ", "bold red"), lit.label, where))
            self._say(f"    why  {lit.reason}")
            if lit.advice:
                self._say(f"    do   {lit.advice}")
        if len(outcome.lit) > SHOWN:
            self._say(f"... and {len(outcome.lit) - SHOWN} more are lit.")
        if outcome.differences:
            self._differences(outcome.differences, product)

    def deploying(self, machines: int) -> None:
        """Say that operating systems are put on some of them."""
        self._say(
            f"\nDeploying {PROFILE} on {machines} of them: Bearman switches them on over IPMI, "
            "and each looks whether its image is signed by the demo's key. "
            "One has a broken disk, and one does not come up after its kexec."
        )

    def change(self, each: Deployed) -> None:
        """Print a deployment that has come to an end, or has to be tried again."""
        if each.row is None or not (each.at_rest or each.row.attempt > 1):
            return
        row, state = each.row, each.seen.status
        colour = {INSTALLED: "green", UNRECOVERABLE_ERROR: "bold red"}.get(state, "yellow")
        label = f"{each.machine.board.identity.label[:40]:<40}"
        how = f"; attempt {row.attempt}, booted cold" if row.cold_boot else ""
        where = f"{row.hostname} at {row.service_address}, VLAN {row.vlan_id}"
        words = where if state == INSTALLED else f"{row.hostname}, step {row.step}"
        self._say(Text.assemble((f"  {state:<20}", colour), f"{label} {words}{how}"))

    def deployed(self, outcome: DeploymentOutcome, product: Product) -> None:
        """Say what became of the deployments."""
        self._say("")
        self._say(
            Text.assemble(
                (f"{outcome.installed} of {outcome.deployed} systems are INSTALLED", "bold green"),
                ": each has its own host name, address and VLAN.",
            )
        )
        for failure in outcome.failures[:SHOWN]:
            words = f"{failure.hostname}, {failure.label}"
            self._say(Text.assemble((f"{UNRECOVERABLE_ERROR}: ", "bold red"), words))
            self._say(f"    step {failure.step}")
            self._say(f"    why  {failure.reason}")
            self._say(f"    log  {failure.log}")
            self._say(f"    do   {failure.advice}")
        if outcome.differences:
            self._differences(outcome.differences, product)

    def told(self, told: Told, slack: SlackStandIn) -> None:
        """Say what people have been told in Slack."""
        self._say(
            Text.assemble(
                (f"{told.machines} of the machines that stay lit are told in Slack", "bold green"),
                f", in {told.messages} messages: {slack.url}/",
            )
        )
        for difference in told.differences:
            self._say(Text(f"Not as expected: {difference}", "bold red"))

    def mending(self, machine: Machine) -> None:
        """Say that somebody has walked to one of them."""
        label = machine.board.identity.label
        self._say(f"Somebody swaps the two cables of {label} and presses its button again.")

    def mended(self, machine: Machine, good: bool) -> None:
        """Say what came of that."""
        label = machine.board.identity.label
        if good:
            self._say(
                Text.assemble((f"{label} has come good", "bold green"), ", and Slack says so.")
            )
        else:
            self._say(Text(f"Not as expected: Slack does not say that {label} is good", "bold red"))

    def next_look(
        self, registered: DemoOutcome, deployed: DeploymentOutcome, product: Product
    ) -> None:
        """Say where to look next."""
        self._say(f"\n{_next_look(registered, product)}")
        round_up = f"{product.url}/admin/nodes/node/round-up/"
        self._say(f"      and to the list to walk along, with the one that never came: {round_up}")
        for failure in deployed.failures[:1]:
            page = f"{product.url}/admin/baremetal/baremetal/{failure.baremetal_id}/change/"
            self._say(f"      and to the deployment of {failure.hostname}: {page}")

    def _differences(self, differences: Sequence[str], product: Product) -> None:
        for difference in differences[:SHOWN]:
            self._say(Text(f"Not as expected: {difference}", "bold red"))
        if len(differences) > SHOWN:
            self._say(Text(f"... and {len(differences) - SHOWN} more.", "bold red"))
        self._log(product)

    def _log(self, product: Product) -> None:
        self._say(f"The end of {product.log}:")
        self._say(Text(product.last_words(), "dim"))

    def stay(self) -> None:
        """Say how to end it."""
        self._say("Everything keeps running, the BMCs too. Ctrl-C ends it.")

    def over(self) -> None:
        """Say how to see more, since its addresses answer no more."""
        self._say("\nThat was all, and it ends now. `make demo` stays, to log in and look around.")

    def ending(self) -> None:
        """Say that it takes a moment."""
        self._say("\nSwitching everything off ...")

    def trouble(self, error: Exception, product: Product | None) -> None:
        """Say what went wrong, with the end of the log."""
        self._say(Text(str(error), "bold red"))
        if product is not None:
            self._log(product)

    def _say(self, words: str | Text) -> None:
        self.console.print(words, highlight=False, markup=False, soft_wrap=True)


def _next_look(outcome: DemoOutcome, product: Product) -> str:
    nodes = f"{product.url}/admin/nodes/node/"
    failed = [lit for lit in outcome.lit if lit.node_id]
    if not failed:
        return f"Next: log in and look at the nodes: {nodes}"
    first = min(failed, key=lambda lit: lit.status != REGISTER_FAILED)
    return (
        f"Next: log in and see, step by step, what happened to {first.label}: "
        f"{nodes}{first.node_id}/change/"
    )
