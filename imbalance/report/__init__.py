"""The report: one page with what the studies found, which opens anywhere."""
