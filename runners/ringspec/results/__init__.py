"""The run directory: written, read, folded into cells, merged."""
