"""`bearman notice_test`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from simulator.slack import SlackStandIn
from simulator.slack import Trouble as Misbehaviour
from tests.notices.rig import heads


def run() -> str:
    out = StringIO()
    call_command("notice_test", stdout=out)
    return out.getvalue()


def test_it_sends_through_each_channel_and_says_so(
    slack: SlackStandIn, webhook: SlackStandIn
) -> None:
    assert run().splitlines() == [
        "Slack: sent. See that it arrived.",
        "Slack webhook: sent. See that it arrived.",
    ]
    assert len(heads(slack)) == 2
    assert "Bearman can reach you." in heads(slack)[0]


def test_it_says_what_went_wrong_and_ends_with_an_error(slack: SlackStandIn) -> None:
    refused = Misbehaviour(status=200, body='{"ok": false, "error": "channel_not_found"}')
    slack.troubles.append(refused)
    with pytest.raises(CommandError, match=r"Nobody is reached by Slack\."):
        run()


def test_with_no_channel_it_says_how_to_set_one_up(settings: Settings) -> None:
    with pytest.raises(CommandError, match="No channel is configured: set BEARMAN_SLACK_WEBHOOK"):
        run()


def test_a_token_without_a_channel_is_named(settings: Settings) -> None:
    settings.SLACK_TOKEN = "xoxb-1"
    with pytest.raises(CommandError, match="are of use together only"):
        run()
