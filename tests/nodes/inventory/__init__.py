"""Tests of the readers of hardware inventory."""
