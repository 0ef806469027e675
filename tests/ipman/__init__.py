"""Tests of IPman: pools, addresses and allocation."""
