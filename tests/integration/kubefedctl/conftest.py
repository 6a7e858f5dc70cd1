"""One pair of worlds for all tests of this directory."""

import os
from collections.abc import Iterator

import pytest

from tests.integration.kubefedctl.sidebyside import Sides
from tests.integration.kubefedctl.worlds import two_worlds


@pytest.fixture(scope="session")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    """KubeFed's kubefedctl in one world, ours in the other."""
    with two_worlds(f"kubefedctl-{os.getpid()}", tmp_path_factory.mktemp("worlds")) as worlds:
        yield Sides(worlds)
