"""What an observation means: versions, outcomes, known issues and one table of rules."""
