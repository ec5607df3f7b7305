"""Programs in a real guest, in real orders."""

from __future__ import annotations

import pytest

from guest_lab import BUILD, a_kernel
from ringspec.cache.directory import cache_dir
from ringspec.explore.differ import Differ, Pair
from ringspec.explore.lab import Lab
from ringspec.explore.program import ProgramProblem, parse_program
from ringspec.explore.replay import replay
from ringspec.guest import MachineOptions


def test_programs_run_in_one_order_and_agree_with_the_model() -> None:
    texts = (
        "a: poll pipe0; b: poll pipe1; reap; x: cancel a; reap; write pipe1; reap",
        "a: timeout 20ms hardlink; b: nop; reap",
        "a: read sock0 link; l: link_timeout 60ms; reap; reap",
        "a: timeout 15ms mshot count=3; reap; reap",
    )
    lab = Lab([a_kernel()], MachineOptions(binary=BUILD / "ringspec-cases", cache=cache_dir()))
    try:
        differ = Differ(lab, [Pair(None, lab.kernels[0])], lambda text: None)
        differ.take(
            [parse_program(text, setup) for text in texts for setup in ("default", "defer")]
        )
        assert differ.found.modelled == 8
        assert not differ.found.differing
        ((answer,),) = lab.run(
            [parse_program("hold epoll0; a: poll epoll0 async; reap; x: cancel a")]
        )
        assert answer.outcome == "a=-ECANCELED; reap1=nothing; reap2=a,x; x=-EALREADY"
        with pytest.raises(ProgramProblem, match="`a: nap`: no such verb: nap \\(nop poll"):
            replay(lab, parse_program("a: nap; reap"), ["default"])
    finally:
        lab.close()
