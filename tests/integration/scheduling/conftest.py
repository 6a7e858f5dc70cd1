"""A federation whose members schedule pods: real schedulers, simulated nodes of 32 cores, two a member."""

import os
from collections.abc import Iterator

import pytest

from tests.support.federation import Federation, a_federation


@pytest.fixture(scope="package")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Host and two members with controllers and schedulers, for the tests of this directory."""
    with a_federation(f"pods-{os.getpid()}", tmp_path_factory.mktemp("pods"), scheduler=True) as built:
        yield built
