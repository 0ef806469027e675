"""Tests of the pure part of firmware."""
