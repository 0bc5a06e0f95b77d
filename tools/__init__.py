"""What the Makefile calls: documentation, new methods, verification. No stage depends on it."""
