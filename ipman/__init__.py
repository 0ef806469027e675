"""Pools, addresses and allocation; usable on its own."""
