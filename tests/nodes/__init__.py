"""Tests of the nodes package."""
