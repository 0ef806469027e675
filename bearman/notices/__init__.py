"""Failure that finds people: messages in Slack and by mail, grouped, through an outbox."""
