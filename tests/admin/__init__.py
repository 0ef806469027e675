"""Tests of the Admin."""
