"""The negative control: every case must be able to fail."""
