"""Tests of the issue catalogue."""
