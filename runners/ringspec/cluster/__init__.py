"""Runs pieces of a run on the workers of a Dask cluster.

Only `connect` and what runs inside of a worker need Dask; it is imported when a run asks for it.
"""
