"""Tests of the list of expected machines."""
