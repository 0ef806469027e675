"""A Slack on this machine, and Bearman set to use it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from bearman.notices.services import planning
from simulator.slack import SlackStandIn
from tests.baremetal.conftest import fleet, room
from tests.grpc_server.conftest import door

__all__ = ["door", "fleet", "quick", "room", "slack", "stand_in", "webhook"]


@pytest.fixture
def quick(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses but those that a test makes."""
    settings.NOTICE_PAUSE_SECONDS = 0.0
    settings.NOTICE_RETRY_SECONDS = 5.0
    settings.NOTICE_ANSWER_SECONDS = 2.0
    settings.PUBLIC_URL = "https://bearman.example"
    monkeypatch.setattr(planning, "COUNT_PAUSE", timedelta())


@pytest.fixture
def stand_in() -> Iterator[SlackStandIn]:
    """A Slack that Bearman does not know of yet."""
    with SlackStandIn() as server:
        yield server


@pytest.fixture
def slack(stand_in: SlackStandIn, settings: Settings, quick: None) -> SlackStandIn:
    """A Slack, set up with its Web API."""
    settings.SLACK_TOKEN = stand_in.token
    settings.SLACK_CHANNEL = stand_in.store.channels[0].id
    settings.SLACK_API = stand_in.api_url
    return stand_in


@pytest.fixture
def webhook(stand_in: SlackStandIn, settings: Settings, quick: None) -> SlackStandIn:
    """A Slack, set up with a webhook."""
    settings.SLACK_WEBHOOK = stand_in.webhook_url
    settings.NOTICE_GATHER_SECONDS = 20
    settings.NOTICE_UPDATE_SECONDS = 600
    return stand_in
