"""`ringspec shell`: looks around on a kernel by hand."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ringspec.cache.directory import cache_dir
from ringspec.guest import MachineOptions
from ringspec.guest.shell import MEMORY_MB, run_shell
from ringspec.kernels import resolve
from ringspec.run.options import CLOCKS, RunOptions, UsageProblem


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the options of `ringspec shell`."""
    parser.add_argument("--kernel", required=True, metavar="SPEC", help="as in ringspec run")
    parser.add_argument("--append", default="", metavar="ARGS", help="more kernel command line")
    parser.add_argument(
        "--clock", choices=CLOCKS, default="real", help="guest time (default: real)"
    )
    parser.add_argument("--build", type=Path, metavar="DIR", help="where the cases were built")


def command(arguments: Namespace) -> int:
    """Boots; returns when the guest has ended."""
    binary = (arguments.build or RunOptions.build).absolute() / "ringspec-cases"
    if not binary.is_file():
        raise UsageProblem(f"{binary} is not there: build the cases first, with ci/setup")
    kernel = resolve(
        arguments.kernel,
        cache_dir(),
        progress=lambda spec, text: print(f"{spec}: {text}", file=sys.stderr),
    )
    if kernel.image is None:
        raise UsageProblem("the running kernel has a shell already: give another --kernel")
    options = MachineOptions(
        binary=binary,
        cache=cache_dir(),
        clock=arguments.clock,
        append=arguments.append,
        memory_mb=MEMORY_MB,
    )
    run_shell(kernel.image, options)
    return 0
