"""Whether the people who should know of a failure were told, in the stand-in for Slack."""

import json
import time
from dataclasses import dataclass

from simulator.demo.outcome import DemoOutcome, Lit
from simulator.machine import Machine
from simulator.slack import Message, SlackStandIn

CHANNEL = "#bearman"
RESOLVED = "Resolved: "
POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Told:
    """How many lit machines are told, in how many messages, and whatever should not be."""

    machines: int
    messages: int
    differences: tuple[str, ...]


def told_by(slack: SlackStandIn) -> dict[str, str]:
    """The settings that make a Bearman tell this stand-in, soon."""
    return {
        "BEARMAN_SLACK_TOKEN": slack.token,
        "BEARMAN_SLACK_CHANNEL": CHANNEL,
        "BEARMAN_SLACK_API": slack.api_url,
        "BEARMAN_NOTICE_PAUSE_SECONDS": "0.1",
        "BEARMAN_NOTICE_GATHER_SECONDS": "2",
    }


def messages(slack: SlackStandIn, outcome: DemoOutcome, limit: float) -> Told:
    """Look until each lit machine is told with its code, or `limit` on the monotonic clock."""
    known = [lit for lit in outcome.lit if lit.node_id]
    while True:
        received = list(slack.store)
        missing = [lit for lit in known if not any(_tells(each, lit) for each in received)]
        if not missing or time.monotonic() > limit:
            break
        time.sleep(POLL_SECONDS)
    differences = tuple(f"Slack has no message of {lit.label} with {lit.issue}" for lit in missing)
    return Told(len(known) - len(missing), len(received), differences)


def resolved(slack: SlackStandIn, machine: Machine, limit: float) -> bool:
    """Whether Slack says by `limit` that what was told of a machine has come good."""
    serial = machine.board.identity.serial
    while time.monotonic() < limit:
        texts = (json.dumps(message.payload) for message in slack.store)
        if any(serial in text and RESOLVED in text for text in texts):
            return True
        time.sleep(POLL_SECONDS)
    return False


def _tells(message: Message, lit: Lit) -> bool:
    """Whether a message names the machine and what is wrong with it."""
    text = json.dumps(message.payload, ensure_ascii=False)
    return lit.serial in text and lit.issue in text
