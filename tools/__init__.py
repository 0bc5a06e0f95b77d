"""What the Makefile calls: documentation, new methods. No stage depends on it."""
