"""One run of the matrix, as a pytest session."""
