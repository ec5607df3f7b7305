"""For every test: a slow machine is no failure; a large run is made once."""

import pytest
from hypothesis import settings
from ringspec.store import Run
from synthetic import big_run

settings.register_profile("ringspec", deadline=None)
settings.load_profile("ringspec")


@pytest.fixture(scope="session")
def eighteen_thousand(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Eleven kernels x four setups x 400 cases."""
    return big_run(tmp_path_factory.mktemp("eighteen-thousand"))
