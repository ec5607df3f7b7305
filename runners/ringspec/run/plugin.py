"""The pytest plugin: with --kernel a pytest run is a run of the matrix; without, it does nothing."""

from __future__ import annotations

import pytest

from ringspec.run import hooks
from ringspec.run.options import UsageProblem, add_run_options, run_options


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the options of a run."""
    group = parser.getgroup("ringspec", "io_uring conformance matrix (needs --kernel)")
    add_run_options(group.addoption)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declares what other plugins can replace."""
    pluginmanager.add_hookspecs(hooks)


def pytest_configure(config: pytest.Config) -> None:
    """Wakes up if the user named a kernel."""
    if not config.getoption("ringspec_kernel"):
        return
    from ringspec.run import defaults  # the rest of the package, for this kind of run only
    from ringspec.run.session import MatrixSession

    config.pluginmanager.register(defaults, "ringspec-defaults")
    if config.getoption("numprocesses", default=None):
        raise pytest.UsageError("-n is for ordinary tests: --jobs says how many VMs run at a time")
    try:
        options = run_options(config.getoption)
        session = MatrixSession(config, options)
    except UsageProblem as error:
        raise pytest.UsageError(str(error)) from error
    config.pluginmanager.register(session, "ringspec-session")
    if options.cluster:
        from ringspec.cluster.plugin import ClusterPlugin

        config.pluginmanager.register(ClusterPlugin(options), "ringspec-cluster")
