"""Replaces the machines of a run by those of a cluster (`--cluster ADDRESS`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ringspec.cluster.connect import Cluster
from ringspec.cluster.errors import ClusterError
from ringspec.cluster.machine import ClusterMachine
from ringspec.errors import ENVIRONMENT
from ringspec.model import Kernel, Machine
from ringspec.run.collection import HOST, Cell
from ringspec.run.options import RunOptions, UsageProblem


class ClusterPlugin:
    """Hooks of a run with --cluster."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._cluster: Cluster | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Connects as soon as there is something to run, before anything is fetched."""
        specs = {item.spec for item in session.items if isinstance(item, Cell)}
        if HOST in specs:
            raise pytest.UsageError(
                "--kernel host is this machine, which is not in the cluster: leave one of them out"
            )
        if not specs or session.config.option.collectonly:
            return
        try:
            self._cluster = Cluster(self._options.cluster, self._options.arch, self._say)
        except UsageProblem as error:
            raise pytest.UsageError(str(error)) from error
        except ClusterError as error:
            pytest.exit(str(error), returncode=ENVIRONMENT)

    @pytest.hookimpl
    def pytest_ringspec_surroundings(self) -> Mapping[str, object]:
        """The QEMU of the run is that of the workers."""
        assert self._cluster is not None
        return {"qemu": self._cluster.qemu}

    @pytest.hookimpl
    def pytest_ringspec_machine(
        self, kernel: Kernel, options: RunOptions, console: Path
    ) -> Machine | None:
        """Any worker that is free."""
        assert self._cluster is not None
        return ClusterMachine(self._cluster, options, console)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Nothing of the run is left on the workers."""
        if self._cluster is not None:
            self._cluster.close()

    def _say(self, text: str) -> None:
        print(text, flush=True)
