"""Is it as it should be? What the phases look at."""
