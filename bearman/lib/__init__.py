"""Helpers that know neither Django nor Bearman's models."""
