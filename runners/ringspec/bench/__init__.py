"""`ci/bench`: what a run costs, as ratios of things that were measured in turn in one go."""
