"""Machines that are to arrive: the list as a file, and the comparison; no Django here."""
