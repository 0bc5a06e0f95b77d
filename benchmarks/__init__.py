"""Benchmarks of the training, which print tables."""
