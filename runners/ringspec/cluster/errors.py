"""The ways in which a cluster can fail its user."""

from __future__ import annotations

from ringspec.guest.errors import GuestError
from ringspec.run.options import UsageProblem


class ClusterError(GuestError):
    """The cluster cannot do the work: gone, empty, or without what guests need."""


class DaskMissing(UsageProblem):
    def __init__(self) -> None:
        super().__init__(
            "--cluster needs Dask, and Python finds no module `distributed`: "
            "apt-get install python3-distributed, here and on every worker"
        )


class AddressProblem(UsageProblem):
    """Not the address of a scheduler."""
