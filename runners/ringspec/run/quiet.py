"""`ringspec run` inside pytest: our own view of the run in the place of pytest's reporter."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from ringspec.run.progress import View, open_view
from ringspec.run.session import MatrixSession


class QuietReporter:
    """Takes pytest's terminal reporter out and says itself what must be said."""

    def __init__(self) -> None:
        self.session: MatrixSession | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Runs after pytest has put its reporter in."""
        manager = config.pluginmanager
        manager.unregister(manager.getplugin("terminalreporter"))

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Remembers where results will be."""
        self.session = session.config.pluginmanager.getplugin("ringspec-session")

    def pytest_ringspec_view(self) -> View:
        """Live bars or plain lines."""
        return open_view()

    def pytest_ringspec_started(self) -> None:
        """Loads what the end of the run is told with."""
        import_module("ringspec.run.text")

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Called for Ctrl-C and for pytest.exit()."""
        if isinstance(excinfo.value, pytest.exit.Exception):
            print(f"ERROR: {excinfo.value.msg}", file=sys.stderr)
        else:
            print("interrupted: what was done until now is in the run directory", file=sys.stderr)
