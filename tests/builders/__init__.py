"""What several tests build, and no test is."""
