"""A stand-in for Slack on this computer: web API, incoming webhooks, and a page to read them."""

from simulator.slack.server import SlackStandIn
from simulator.slack.store import Channel, Message, Store
from simulator.slack.trouble import Trouble

__all__ = ["Channel", "Message", "SlackStandIn", "Store", "Trouble"]
