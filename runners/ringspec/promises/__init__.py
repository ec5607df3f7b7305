"""What is promised, and by which case it is observed."""
