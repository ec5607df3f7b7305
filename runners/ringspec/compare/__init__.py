"""What changed between runs, and where behaviour moved."""
