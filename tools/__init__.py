"""The tools behind the Makefile: documentation, new methods, verification. No stage depends on them."""
