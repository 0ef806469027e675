"""Cables: what a machine sees of them, what is wanted, and what is wrong; no Django here."""
