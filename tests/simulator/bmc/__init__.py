"""Tests of the simulated BMCs."""
