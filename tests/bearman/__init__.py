"""Tests of bearman."""
