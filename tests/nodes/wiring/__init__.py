"""Tests of cables."""
