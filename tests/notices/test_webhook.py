"""A webhook, which can neither change a message nor look for one."""

from datetime import timedelta

import pytest

from bearman.notices.models import ChannelState, Conversation, Notice, Trouble
from bearman.notices.services.grouping import threads_gather
from bearman.notices.states import State
from simulator.slack import SlackStandIn
from simulator.slack import Trouble as Misbehaviour
from tests.notices.rig import come_good, deliver, fail, heads, later, registering

pytestmark = pytest.mark.django_db


def test_a_first_message_gathers_for_a_while_and_then_has_them_all(webhook: SlackStandIn) -> None:
    nodes = [registering(n) for n in range(1, 31)]
    for node in nodes[:5]:
        fail(node)
    assert deliver() == 0
    later(21)
    for node in nodes[5:]:
        fail(node)
    assert deliver() == 1
    (text,) = heads(webhook)
    assert "30 nodes" in text
    assert all(str(node) in text for node in nodes[:20])
    assert str(nodes[20]) not in text
    assert "… and 10 more" in text


def test_updates_come_every_ten_minutes_with_what_is_new_and_the_end_at_once(
    webhook: SlackStandIn,
) -> None:
    first, second, third = (registering(n) for n in (1, 2, 3))
    fail(first)
    deliver()
    later(21)
    deliver()
    fail(second)
    fail(third)
    later(300)
    assert deliver() == 0
    later(301)
    assert deliver() == 1
    assert "3 nodes" in heads(webhook)[1]
    assert str(first) not in heads(webhook)[1]
    come_good(first)
    later(601)
    deliver()
    assert "2 still need somebody, 1 is dealt with." in heads(webhook)[2]
    assert f"{first}" in heads(webhook)[2]
    for node in (second, third):
        come_good(node)
    deliver()
    assert "Resolved: " in heads(webhook)[3]
    assert "All 3 came good." in heads(webhook)[3]
    assert deliver() == 0


def test_one_that_was_written_down_earlier_and_came_later_is_named_and_nobody_twice(
    webhook: SlackStandIn,
) -> None:
    early, first, second = (registering(n) for n in (1, 2, 3))
    fail(early)
    late = Trouble.objects.get()  # whoever writes it takes long to end the transaction
    key, late.pk = late.pk, None
    Trouble.objects.all().delete()
    fail(first)
    fail(second)
    deliver()
    later(21)
    assert deliver() == 1
    late.pk = key
    late.save(force_insert=True)
    threads_gather()
    later(601)
    assert deliver() == 1
    update = heads(webhook)[1]
    assert str(early) in update
    assert str(first) not in update
    assert str(second) not in update
    assert "3 nodes" in update


def test_an_end_that_was_written_down_before_a_message_and_came_after_it_is_told(
    webhook: SlackStandIn,
) -> None:
    nodes = [registering(n) for n in (1, 2, 3)]
    for node in nodes:
        fail(node)
    deliver()
    later(21)
    deliver()
    come_good(nodes[0])
    earlier = Conversation.objects.get().told_at - timedelta(seconds=1)  # type: ignore[operator]
    Trouble.objects.exclude(ended_at=None).update(ended_at=earlier)
    later(601)
    assert deliver() == 1
    assert f"{nodes[0]}" in heads(webhook)[1]
    assert f"{nodes[1]}" not in heads(webhook)[1]


def test_one_machine_that_fails_and_comes_good_is_two_messages(webhook: SlackStandIn) -> None:
    node = registering()
    fail(node)
    deliver()
    later(21)
    deliver()
    come_good(node)
    deliver()
    one, two = heads(webhook)
    assert "failed to register" in one
    assert f"{node}: it is READY." in two


@pytest.mark.parametrize(
    ("misbehaviour", "kept"),
    [
        (Misbehaviour(status=500), 1),
        (Misbehaviour(status=429, retry_after=3), 1),
        (Misbehaviour(drop=True), 1),
        (Misbehaviour(status=404, body="no_service"), 1),
        (Misbehaviour(status=400, body="invalid_blocks"), 1),
        (Misbehaviour(cut=True), 1),  # the status came: it arrived
        (Misbehaviour(drop=True, keeps=True), 2),  # nobody can know: rather twice than never
    ],
    ids=str,
)
def test_each_misbehaviour_is_followed_by_the_message(
    webhook: SlackStandIn, misbehaviour: Misbehaviour, kept: int
) -> None:
    webhook.troubles.append(misbehaviour)
    fail(registering())
    for _ in range(3):
        later(3700)
        deliver()
    assert len(heads(webhook)) == kept
    assert Notice.objects.get().state == State.SENT


def test_the_address_of_a_webhook_is_in_no_error(webhook: SlackStandIn) -> None:
    secret = webhook.webhook_url.rpartition("/")[2]
    for misbehaviour in (
        Misbehaviour(status=404, body=webhook.webhook_url),
        Misbehaviour(drop=True),
        Misbehaviour(hang_s=9, drop=True),
    ):
        webhook.troubles.append(misbehaviour)
    fail(registering())
    deliver()
    for _ in range(4):
        later(3700)
        deliver()
        assert secret not in Notice.objects.values_list("last_error", flat=True).get()
        assert secret not in ChannelState.objects.get().last_error
    assert len(heads(webhook)) == 1
