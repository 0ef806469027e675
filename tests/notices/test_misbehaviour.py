"""A Slack that does not do what it should: nothing is lost, and nothing told twice."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from bearman.lib.issues import bmc
from bearman.notices.models import ChannelState, Notice
from bearman.notices.services.sending import LEASE
from bearman.notices.states import State
from simulator.demo.ports import free_tcp_ports
from simulator.slack import SlackStandIn
from simulator.slack import Trouble as Misbehaviour
from tests.notices.rig import come_good, deliver, fail, heads, later, registering, replies

pytestmark = pytest.mark.django_db

LONGEST = 3700  # seconds: later than any pause


def channel() -> ChannelState:
    return ChannelState.objects.get()


def error() -> str:
    return Notice.objects.get().last_error


@pytest.mark.parametrize(
    ("misbehaviour", "words"),
    [
        (Misbehaviour(status=500), "answered 500"),
        (Misbehaviour(status=503, retry_after=7), "answered 503"),
        (Misbehaviour(status=429), "too fast"),
        (Misbehaviour(status=500, keeps=True), "answered 500"),
        (Misbehaviour(drop=True), "ended without an answer"),
        (Misbehaviour(drop=True, keeps=True), "ended without an answer"),
        (Misbehaviour(cut=True), "cannot be read"),
        (Misbehaviour(hang_s=9, drop=True), "No answer within 0.5 s"),
        (Misbehaviour(hang_s=1, keeps=True), "No answer within 0.5 s"),
        (Misbehaviour(status=200, body="<html>hello</html>"), "cannot be read"),
        (Misbehaviour(status=200, body='{"ok": false, "error": "fatal_error"}'), "fatal_error"),
        (Misbehaviour(status=200, body='{"ok": false, "error": "ratelimited"}'), "too fast"),
        (Misbehaviour(status=200, body='{"ok": false, "error": "invalid_auth"}'), "bot token"),
        (Misbehaviour(status=200, body='{"ok": false, "error": "not_in_channel"}'), "Invite"),
        (Misbehaviour(status=302, body="elsewhere"), "cannot be read"),
    ],
    ids=str,
)
def test_each_misbehaviour_is_followed_by_the_message_once(
    slack: SlackStandIn, settings: Settings, misbehaviour: Misbehaviour, words: str
) -> None:
    settings.NOTICE_ANSWER_SECONDS = 0.5
    slack.troubles.append(misbehaviour)
    fail(registering())
    assert deliver() == 0
    assert words in error()
    later(LONGEST)
    slack.ending.wait(misbehaviour.hang_s if misbehaviour.keeps else 0)
    assert deliver() == 1
    assert len(heads(slack)) == 1
    assert Notice.objects.get().state == State.SENT
    assert channel().failures == 0


def test_retry_after_is_honoured_by_the_whole_channel(slack: SlackStandIn) -> None:
    slack.troubles.append(Misbehaviour(status=429, retry_after=40))
    fail(registering(1))
    deliver()
    fail(registering(2), bmc.REFUSES)
    asked = len(slack.asked)
    later(35)
    assert deliver() == 0
    assert len(slack.asked) == asked
    later(6)
    assert deliver() == 2


def test_pauses_double_up_to_five_minutes(slack: SlackStandIn) -> None:
    slack.lasting = Misbehaviour(status=500)
    fail(registering())
    pauses = []
    for _ in range(9):
        deliver()
        state = channel()
        assert state.failed_at
        pauses.append((state.free_at - state.failed_at).total_seconds())
        later(301)
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_two_messages_are_a_second_apart(slack: SlackStandIn, settings: Settings) -> None:
    settings.NOTICE_PAUSE_SECONDS = 1.0
    fail(registering(1), bmc.SILENT)
    fail(registering(2), bmc.REFUSES)
    deliver()
    first, second = (message.posted_at for message in slack.store)
    assert second - first > 0.9


def test_a_message_that_slack_refuses_does_not_hold_up_the_others(slack: SlackStandIn) -> None:
    refused = Misbehaviour(status=200, body='{"ok": false, "error": "msg_too_long"}')
    slack.troubles.append(refused)
    fail(registering(1), bmc.SILENT)
    fail(registering(2), bmc.REFUSES)
    assert deliver() == 1
    later(LONGEST)
    assert deliver() == 1
    assert len(heads(slack)) == 2


def test_a_head_that_somebody_deleted_keeps_nobody_from_hearing_the_rest(
    slack: SlackStandIn,
) -> None:
    fail(registering(1))
    deliver()
    gone = Misbehaviour(status=200, body='{"ok": false, "error": "message_not_found"}')
    fail(registering(2))
    slack.troubles.extend([Misbehaviour(), Misbehaviour(), gone])  # two names, then the count
    deliver()
    assert len(replies(slack)) == 2
    fail(registering(3))
    deliver()
    assert len(replies(slack)) == 3


def test_what_was_under_way_when_its_worker_died_is_looked_for_first(slack: SlackStandIn) -> None:
    fail(registering())
    slack.troubles.append(Misbehaviour(drop=True, keeps=True))
    deliver()
    until = timezone.now() + LEASE
    Notice.objects.update(state=State.SENDING, unsure=False, claimed_until=until)
    later(LEASE.total_seconds() - 5)
    assert deliver() == 0
    later(LONGEST)
    assert deliver() == 1
    assert len(heads(slack)) == 1
    assert "conversations.history" in slack.asked[-1]


def test_without_the_scope_to_look_a_message_is_rather_sent_twice_than_never(
    slack: SlackStandIn,
) -> None:
    fail(registering())
    slack.troubles.append(Misbehaviour(drop=True, keeps=True))
    slack.troubles.append(Misbehaviour(status=200, body='{"ok": false, "error": "missing_scope"}'))
    deliver()
    later(LONGEST)
    assert deliver() == 1
    assert len(heads(slack)) == 2


@pytest.mark.timeout(300)
def test_five_hundred_nodes_that_fail_while_slack_is_down_for_an_hour_are_told_afterwards(
    slack: SlackStandIn, settings: Settings
) -> None:
    (closed,) = free_tcp_ports(1)
    settings.SLACK_API = f"http://127.0.0.1:{closed}/api"
    nodes = [registering(n) for n in range(1, 501)]
    causes = (bmc.SILENT, bmc.REFUSES, bmc.SETTINGS_REFUSED, bmc.STAYS_OFF)
    for minute in range(60):
        for number in range(minute * 500 // 60, (minute + 1) * 500 // 60):
            fail(nodes[number], causes[number % 4])
        if minute == 30:
            for node in nodes[:20]:
                come_good(node)
        assert deliver() == 0
        later(60)
    assert list(slack.store) == []
    assert "refused" in channel().last_error
    settings.SLACK_API = slack.api_url
    later(300)
    deliver(3)
    assert len(heads(slack)) == 4
    for issue, text in zip(causes, heads(slack), strict=True):
        assert f"{issue.code} {issue.title}: 125 nodes" in text
        assert "120 still need somebody, 5 are dealt with." in text
    texts = replies(slack)
    assert len(texts) == len(set(texts)) == 4 * 20
    for message in slack.store:
        if message.is_reply:
            assert any(head.ts == message.thread_ts for head in slack.store)
    order = [message.ts for message in slack.store if message.is_reply]
    assert order == sorted(order)
    for node in nodes[20:]:
        come_good(node)
    later(60)
    deliver(3)
    assert all("All 125 came good." in text for text in heads(slack))
    assert len(replies(slack)) == len(set(replies(slack))) == 80 + 60 + 4
    assert Notice.objects.exclude(state=State.SENT).count() == 0


def test_old_clocks_do_not_hide_a_message_that_arrived(slack: SlackStandIn) -> None:
    fail(registering())
    slack.troubles.append(Misbehaviour(drop=True, keeps=True))
    deliver()
    (message,) = slack.store
    assert float(message.ts) > (Notice.objects.get().made_at - timedelta(minutes=6)).timestamp()
