"""Which results are not allowed."""
