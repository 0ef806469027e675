"""Writes on troubles and messages."""
