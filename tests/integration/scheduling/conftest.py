"""A federation whose members schedule pods: real schedulers, simulated nodes of 32 cores, two a member."""

import os
from collections.abc import Iterator

import pytest

from tests.support.federation import Federation, a_federation


@pytest.fixture(scope="package")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Host and two members with controllers and schedulers, for the tests of this directory."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    with a_federation(f"pods-{os.getpid()}", tmp_path_factory.mktemp("pods"), scheduler=True) as built:
        yield built
    if before is None:
        del os.environ["XDG_STATE_HOME"]
    else:
        os.environ["XDG_STATE_HOME"] = before
