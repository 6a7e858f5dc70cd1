"""Real servers in a state directory of the test run's own; the cached build of the person who tests is used."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module", autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the sandboxes of one test module are; other tests of the run go on finding theirs."""
    before = dict(os.environ)
    home = tmp_path_factory.mktemp("state")
    os.environ["XDG_STATE_HOME"] = str(home)
    yield home
    os.environ.clear()
    os.environ.update(before)
