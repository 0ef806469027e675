"""Benchmarks of the hot paths, each beside a bare measure of the same run."""
