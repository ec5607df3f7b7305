"""At which release a case began to come to something else."""
