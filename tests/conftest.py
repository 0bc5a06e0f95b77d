"""Tests compute as stages do: the arithmetic is pinned before anything imports torch."""

import stages  # noqa: F401
