"""What another pytest plugin can replace in a run: the promises, where kernels come from, what
they run on, what the user sees.  A farm of real boards is one `pytest_ringspec_machine`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # a pytest run that is not ours loads none of these
    from ringspec.model import Clause, Kernel, Machine
    from ringspec.run.options import RunOptions
    from ringspec.run.progress import View


@pytest.hookspec(firstresult=True)
def pytest_ringspec_clauses(options: RunOptions) -> dict[str, Clause] | None:
    """The promises that the cases of the manifest are about, by ID."""


@pytest.hookspec(firstresult=True)
def pytest_ringspec_kernel(
    spec: str, options: RunOptions, say: Callable[[str], None]
) -> Kernel | None:
    """The kernel that goes by this name, ready to boot; called for several at a time.

    What takes a while, such as a download, is announced through `say`.
    """


@pytest.hookspec(firstresult=True)
def pytest_ringspec_machine(kernel: Kernel, options: RunOptions, console: Path) -> Machine | None:
    """The machine that runs this kernel and keeps its kernel log in `console`."""


@pytest.hookspec
def pytest_ringspec_surroundings() -> Mapping[str, object] | None:
    """What run.json has to say about where machines run, if that is not this machine."""


@pytest.hookspec(firstresult=True)
def pytest_ringspec_view() -> View | None:
    """What shows the run while it goes on."""


@pytest.hookspec
def pytest_ringspec_started() -> None:
    """The first machines are starting, which takes a moment: time for what else does."""
