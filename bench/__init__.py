"""Benchmarks: ratios of one run on one machine, recorded in docs/benchmarks.md."""
