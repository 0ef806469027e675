"""Machines that fail, and a worker's run through the outbox."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from bearman.lib.issues import Issue, bmc
from bearman.notices.channels.configured import channels
from bearman.notices.models import ChannelState, Conversation, Notice, Thread
from bearman.notices.services.grouping import threads_gather
from bearman.notices.services.sending import channel_deliver
from nodes.models import Node
from nodes.services.status import node_move
from nodes.states import NodeStatus
from simulator.slack import SlackStandIn
from tests.admin import fleet


def registering(number: int = 1, **columns: Any) -> Node:
    """A node in the middle of its registration."""
    return fleet.make_node(number, NodeStatus.REGISTERING, **columns)


def fail(node: Node, issue: Issue = bmc.SILENT, reason: str = "", **words: Any) -> None:
    """Let a node fail, as the services do."""
    node_move(
        node_id=node.pk,
        to=NodeStatus.REGISTER_FAILED,
        step=words.pop("step", "confirm"),
        reason=reason or f"The BMC of {node} did not answer.",
        issue=issue,
        **words,
    )


def come_good(node: Node) -> None:
    """Let a node that failed register again, and be proven."""
    node_move(node_id=node.pk, to=NodeStatus.REGISTERING)
    node_move(node_id=node.pk, to=NodeStatus.READY)


def deliver(runs: int = 1) -> int:
    """Do what the worker's tasks do every five seconds; returns how many messages went out."""
    sent = 0
    for _ in range(runs):
        threads_gather()
        sent += sum(channel_deliver(channel=channel, seconds=60) for channel in channels())
    return sent


def later(seconds: float) -> None:
    """Let so much time go by for what waits: all that is written down was earlier."""
    ago = timedelta(seconds=seconds)
    with transaction.atomic():
        ChannelState.objects.update(free_at=F("free_at") - ago)
        Notice.objects.update(next_at=F("next_at") - ago, claimed_until=F("claimed_until") - ago)
        Conversation.objects.update(told_at=F("told_at") - ago)
        Thread.objects.update(opened_at=F("opened_at") - ago, last_at=F("last_at") - ago)


def heads(slack: SlackStandIn) -> list[str]:
    """The texts of what stands in the channel itself."""
    return [message.text for message in slack.store if not message.is_reply]


def replies(slack: SlackStandIn) -> list[str]:
    """The texts of what stands in threads."""
    return [message.text for message in slack.store if message.is_reply]
