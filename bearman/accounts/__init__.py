"""Operators' personal tokens."""
